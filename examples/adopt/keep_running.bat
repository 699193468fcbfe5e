@echo off
rem 옛 감시 프로그램: loop.py가 끝나면 다시 시작합니다 / an old watchdog: starts loop.py whenever it ends
:again
python "%~dp0loop.py"
timeout /t 60 /nobreak >nul
goto again
