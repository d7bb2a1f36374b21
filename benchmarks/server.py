"""The server of all clients: static answers from its own process and core, over plain HTTP and TLS.

It is nginx if that is installed, since it is the fastest; else ``bare_server.py``.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import answers
from address import Address
from cores import on_core

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOST: Final = "127.0.0.1"
_PATIENCE_SECONDS: Final = 10.0
_BARE_SERVER: Final = Path(__file__).with_name("bare_server.py")

_NGINX: Final = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    server_tokens off;
    tcp_nodelay on;
    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {headers}
    default_type "{content_type}";
    server {{
        listen {host}:{plain} backlog=4096;
        {secure}
        root {folder};
        location ~ ^/v2/droplets/(?<droplet>[0-9]+)/actions$ {{
            if ($request_method = POST) {{ return 201 '{started}'; }}
            rewrite ^ /actions.json break;
        }}
        location ~ ^/v2/(droplets/[0-9]+/)?actions/[0-9]+$ {{ return 200 '{action}'; }}
        location = /v2/actions {{ rewrite ^ /actions.json break; }}
        location = /v2/droplets {{ rewrite ^ /droplets.json break; }}
        location / {{ return 404 '{{"id":"not_found","message":"Unknown to the benchmarks."}}'; }}
    }}
}}
"""
_NGINX_TLS: Final = """\
listen {host}:{port} ssl backlog=4096;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.key;
        ssl_session_cache shared:benchmarks:1m;"""


@contextmanager
def static_server(*, numbers_actions: bool = False) -> Iterator[Address]:
    """Serve until the block ends.

    Args:
        numbers_actions: Whether each action has its own id and its Droplet's id. Only ``bare_server.py`` can do this.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmarks-")))
        address = Address(
            plain=f"http://{_HOST}:{_free_port()}",
            secure=f"https://{_HOST}:{_free_port()}" if _certify(folder) else None,
            authority=str(folder / "authority.pem"),
        )
        nginx = None if numbers_actions else _nginx()
        command = (
            _bare_command(folder, address, numbers_actions) if nginx is None else _nginx_command(nginx, folder, address)
        )
        with on_core("server"):
            process = stack.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        stack.callback(process.terminate)
        _await_listening(process, address)
        yield address


def software() -> str:
    """Return the name of the server's software, for a results table."""
    nginx = _nginx()
    if nginx is None:
        return "a bare asyncio protocol"
    shown = subprocess.run([nginx, "-v"], capture_output=True, text=True, check=True)
    return shown.stderr.strip().removeprefix("nginx version: ").replace("/", " ")


def _nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _certify(folder: Path) -> bool:
    """Write a certificate for this machine, if trustme is installed."""
    if importlib.util.find_spec("trustme") is None:
        return False
    import trustme

    authority = trustme.CA()
    certificate = authority.issue_cert(_HOST, "localhost")
    # In addition to the usual authorities: loading these is a part of a client's start.
    (folder / "authority.pem").write_bytes(authority.cert_pem.bytes() + _usual_authorities())
    certificate.private_key_pem.write_to_path(str(folder / "server.key"))
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(str(folder / "server.pem"), append=True)
    return True


def _usual_authorities() -> bytes:
    file = ssl.get_default_verify_paths().cafile
    return Path(file).read_bytes() if file else b""


def _bare_command(folder: Path, address: Address, numbers_actions: bool) -> list[str]:
    order = {
        "plain": _port(address.plain),
        "secure": _port(address.secure),
        "folder": str(folder),
        "numbers_actions": numbers_actions,
    }
    return [sys.executable, str(_BARE_SERVER), json.dumps(order)]


def _nginx_command(nginx: str, folder: Path, address: Address) -> list[str]:
    (folder / "actions.json").write_bytes(answers.page_of_actions())
    (folder / "droplets.json").write_bytes(answers.page_of_droplets())
    headers = answers.headers()
    content_type = headers.pop("Content-Type")
    tls = _NGINX_TLS.format(host=_HOST, port=_port(address.secure), folder=folder) if address.secure else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _NGINX.format(
            folder=folder,
            host=_HOST,
            plain=_port(address.plain),
            secure=tls,
            headers=" ".join(f'add_header {name} "{value}" always;' for name, value in headers.items()),
            content_type=content_type,
            action=answers.one_action().decode(),
            started=answers.one_action().decode().replace(str(answers.FIRST_DROPLET), "$droplet"),
        )
    )
    return [nginx, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(configuration)]


def _port(url: str | None) -> int | None:
    return None if url is None else int(url.rsplit(":", 1)[1])


def _await_listening(process: subprocess.Popen[bytes], address: Address) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for url in filter(None, (address.plain, address.secure)):
        while True:
            try:
                socket.create_connection((_HOST, _port(url) or 0), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the server did not start (status {process.returncode})") from None
                time.sleep(0.02)
