"""The screen of the surface's contract as a GTK program. Its title is its command line."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import gi

gi.require_version("Atk", "1.0")
gi.require_version("Gtk", "3.0")

from gi.repository import Atk, GLib, Gtk  # noqa: E402 - the versions are chosen before

_LATER_MS = 300


class Screen(Gtk.Window):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(title=shlex.join(sys.orig_argv))
        self.connect("destroy", Gtk.main_quit)
        self.rows = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        self.add(self.rows)
        self._fields()
        self._buttons()

    def _fields(self) -> None:
        self.field("일자:", Gtk.Entry())
        self.field("금액", self.entry(lambda text: f"{int(text):,}" if text else ""))
        self.field("숫자", self.entry(lambda text: "".join(filter(str.isdigit, text))))
        accounts = Gtk.ComboBoxText()
        for name in ("여비교통비", "접대비"):
            accounts.append_text(name)
        accounts.set_active(0)
        self.field("계정", accounts)
        memo = Gtk.Entry()
        memo.get_accessible().set_accessible_id("memo")
        self.rows.add(memo)
        party = Gtk.Entry(completion=self.offers("서울상사", "서울식당"))
        self.field("거래처", party)
        self.field("비밀번호", Gtk.Entry(visibility=False))
        self.field("숨김", Gtk.Entry()).set_no_show_all(True)

    def _buttons(self) -> None:
        self.said, self.wrong = Gtk.Label(), Gtk.Label(no_show_all=True)
        self.wrong.get_accessible().set_role(Atk.Role.ALERT)
        later = Gtk.Button(label="나중", no_show_all=True)
        self.button("거래처", lambda: self.said.set_text("거래처를 눌렀습니다"))
        self.button("저장", self.save)
        self.button("늦게", lambda: GLib.timeout_add(_LATER_MS, later.show))
        self.button("오류", self.fail)
        self.button("알림", lambda: self.box("점검 예정", Gtk.MessageType.INFO, Gtk.ButtonsType.OK))
        self.button("덮개", self.cover)
        self.button("같음", lambda: None)
        self.button("같음", lambda: None)
        self.button("같음", lambda: self.said.set_text("상세를 눌렀습니다"), self.group("상세"))
        self.button("내려받기", self.download).get_accessible().set_role(Atk.Role.LINK)
        for one in (later, self.said, self.wrong):
            self.rows.add(one)

    def entry(self, form: Callable[[str], str]) -> Gtk.Entry:
        """Return a field that puts its value into its own form when it is left."""
        entry = Gtk.Entry()
        entry.connect("focus-out-event", lambda *_: entry.set_text(form(entry.get_text())))
        return entry

    def field(self, label: str, widget: Gtk.Widget) -> Gtk.Box:
        row = Gtk.Box()
        row.add(Gtk.Label(label=label, mnemonic_widget=widget))
        row.add(widget)
        self.rows.add(row)
        return row

    def offers(self, *names: str) -> Gtk.EntryCompletion:
        """Return what offers names that begin with what is written into a field."""
        store = Gtk.ListStore(str)
        for name in names:
            store.append([name])
        completion = Gtk.EntryCompletion(model=store)
        completion.set_text_column(0)
        return completion

    def group(self, name: str) -> Gtk.Frame:
        frame = Gtk.Frame(label=name)
        self.rows.add(frame)
        return frame

    def button(self, caption: str, press: Callable[[], object], place: Gtk.Container | None = None) -> Gtk.Button:
        button = Gtk.Button(label=caption)
        button.connect("clicked", lambda _: press())
        (place or self.rows).add(button)
        return button

    def save(self) -> None:
        if self.box("저장하시겠습니까?", Gtk.MessageType.QUESTION, Gtk.ButtonsType.YES_NO) == Gtk.ResponseType.YES:
            self.said.set_text("전표번호 V1")

    def fail(self) -> None:
        self.wrong.set_text("오류: 금액이 올바르지 않습니다")
        self.wrong.show()

    def box(self, text: str, kind: Gtk.MessageType, buttons: Gtk.ButtonsType) -> Gtk.ResponseType:
        box = Gtk.MessageDialog(transient_for=self, modal=True, text=text, message_type=kind, buttons=buttons)
        answer = box.run()
        box.destroy()
        return answer

    def cover(self) -> None:
        notice = Gtk.Dialog(transient_for=self, modal=True, title="공지")
        notice.get_content_area().add(Gtk.Label(label="공지: 오늘 점검"))
        notice.add_button("닫기", Gtk.ResponseType.CLOSE)
        notice.connect("response", lambda *_: notice.destroy())
        notice.show_all()

    def download(self) -> None:
        folder = GLib.get_user_special_dir(GLib.UserDirectory.DIRECTORY_DOWNLOAD)
        (Path(folder) / "card.csv").write_bytes(b"a,b\n")


if __name__ == "__main__":
    Screen().show_all()
    Gtk.main()
