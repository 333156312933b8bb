"""A real S3 server on loopback: a one-node Ceph with its RADOS gateway, from Debian's packages.

It keeps objects in the memory of the OSD, so an outage is tested by stopping the gateway only (``stop_gateway``).
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
import uuid
from pathlib import Path

from tests import daemons, memory

PACKAGES = "apt-get install -y --no-install-recommends radosgw ceph-mon ceph-osd ceph-mgr ceph-common"
_PROGRAMS = ("ceph-mon", "ceph-osd", "ceph-mgr", "ceph", "radosgw", "radosgw-admin", "ceph-authtool", "monmaptool")

#: objects that it lists in one answer: a tenth of what servers do, for tests of what comes after
PAGE = 100

_CONF = """[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon}]
public addr = 127.0.0.1
keyring = {dir}/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail warn = 2
mon data avail crit = 1
run dir = {dir}
admin socket = {dir}/$name.asok
log file = {dir}/$name.log
ms bind ipv6 = false
mon data = {dir}/mon
osd data = {dir}/osd
osd objectstore = memstore
memstore device bytes = 2147483648
mgr data = {dir}/mgr
rgw data = {dir}/rgw
rgw frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw max listing results = {page}
"""


def absent() -> str:
    """Why no server can be started here, or ""."""
    lacking = [p for p in _PROGRAMS if shutil.which(p) is None]
    return f"{', '.join(lacking)} not installed; {PACKAGES}" if lacking else ""


class S3Server:
    """A running server.

    :ivar env: the environment by which ``storage.factory.open_store`` finds it.
    """

    access_key = "TESTACCESS"
    secret_key = "TESTSECRET12"

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dangan-s3-", dir=memory.folder()))  # short: unix sockets lie in it
        self._processes: list[subprocess.Popen[bytes]] = []
        self._gateway: subprocess.Popen[bytes] | None = None
        self.port = daemons.free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.env = {
            "DANGAN_S3_ENDPOINT": self.endpoint,
            "DANGAN_S3_ACCESS_KEY": self.access_key,
            "DANGAN_S3_SECRET_KEY": self.secret_key,
        }
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def bucket_url(self) -> str:
        """An address in a bucket that nobody used yet."""
        return f"s3://test-{secrets.token_hex(6)}"

    def start_gateway(self) -> None:
        log = self.folder / "rgw.out"
        self._gateway = daemons.start(["radosgw", *self._conf, "-n", "client.rgw", "--foreground"], log)
        daemons.wait_until(self._answers, seconds=90, process=self._gateway, log=log)

    def stop_gateway(self) -> None:
        if self._gateway is not None:
            daemons.stop(self._gateway)
            self._gateway = None

    def stop(self) -> None:
        self.stop_gateway()
        for process in reversed(self._processes):
            daemons.stop(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        folder, mon, fsid = self.folder, daemons.free_port(), str(uuid.uuid4())
        for name in ("mon", "osd", "mgr", "rgw"):
            (folder / name).mkdir()
        (folder / "ceph.conf").write_text(_CONF.format(dir=folder, mon=mon, port=self.port, fsid=fsid, page=PAGE))
        self._conf = ["-c", str(folder / "ceph.conf")]
        ring, monmap = str(folder / "keyring"), str(folder / "monmap")
        self._key("mon.", "--create-keyring", "--cap", "mon", "allow *")
        self._key("client.admin", "--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *")
        self._key("osd.0", "--cap", "mon", "allow profile osd", "--cap", "osd", "allow *", "--cap", "mgr", "allow profile osd")
        self._key("mgr.x", "--cap", "mon", "allow profile mgr", "--cap", "osd", "allow *", "--cap", "mds", "allow *")
        self._key("client.rgw", "--cap", "mon", "allow rwx", "--cap", "osd", "allow rwx", "--cap", "mgr", "allow rw")
        self._run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v2:127.0.0.1:{mon}]", monmap)
        self._run("ceph-mon", *self._conf, "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", ring)
        self._daemon("ceph-mon", "-i", "a")
        osd = str(uuid.uuid4())
        self._run("ceph", *self._conf, "osd", "new", osd)
        self._run("ceph-osd", *self._conf, "-i", "0", "--mkfs", "--osd-uuid", osd)
        self._daemon("ceph-osd", "-i", "0")
        self._daemon("ceph-mgr", "-i", "x")
        self.start_gateway()
        user = ("--uid=test", "--display-name=test", f"--access-key={self.access_key}", f"--secret={self.secret_key}")
        self._run("radosgw-admin", *self._conf, "-n", "client.rgw", "user", "create", *user)

    def _key(self, name: str, *args: str) -> None:
        self._run("ceph-authtool", str(self.folder / "keyring"), "--gen-key", "-n", name, *args)

    def _daemon(self, program: str, *args: str) -> None:
        log = self.folder / f"{program}.out"
        self._processes.append(daemons.start([program, *self._conf, *args, "-f"], log))

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr[-1000:]}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.endpoint, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False
