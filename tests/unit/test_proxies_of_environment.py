from __future__ import annotations

import pytest

from gradient_async.proxies import checked_proxy, proxy_in

API = "https://api.digitalocean.com"


def url_in(base_url: str = API, **environment: str) -> str | None:
    proxy = proxy_in(environment, base_url)
    return None if proxy is None else proxy.url


def test_no_proxy_when_the_environment_names_none() -> None:
    assert url_in() is None
    assert url_in(HTTPS_PROXY=" ", https_proxy="") is None


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"HTTPS_PROXY": "http://a:1"}, "http://a:1"),
        ({"https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:1"}, "http://a:1"),
        ({"HTTPS_PROXY": "http://a:1", "all_proxy": "http://b:1"}, "http://a:1"),
        ({"ALL_PROXY": "http://b:1", "HTTP_PROXY": "http://c:1"}, "http://b:1"),
        ({"HTTP_PROXY": "http://c:1"}, None),
        ({"HTTPS_PROXY": "a:3128"}, "http://a:3128"),
        ({"HTTPS_PROXY": "https://a"}, "https://a:443"),
        ({"HTTPS_PROXY": "http://u:p@a/"}, "http://a:80"),
        ({"HTTPS_PROXY": "http://[2001:db8::1]:8080"}, "http://[2001:db8::1]:8080"),
    ],
)
def test_proxy_is_found_by_name_and_case(environment: dict[str, str], url: str | None) -> None:
    assert url_in(**environment) == url


def test_upper_case_http_proxy_is_not_trusted_in_a_cgi_program() -> None:
    base = "http://gpu.example.com"
    assert url_in(base, HTTP_PROXY="http://a:1") == "http://a:1"
    assert url_in(base, HTTP_PROXY="http://a:1", REQUEST_METHOD="GET") is None
    assert url_in(base, http_proxy="http://a:1", REQUEST_METHOD="GET") == "http://a:1"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "a.localhost"])
def test_no_proxy_for_this_machine(host: str) -> None:
    assert url_in(f"https://{host}:8443", HTTPS_PROXY="http://a:1", ALL_PROXY="http://a:1") is None


@pytest.mark.parametrize(
    ("base_url", "no_proxy", "is_direct"),
    [
        (API, "*", True),
        (API, "api.digitalocean.com", True),
        (API, "API.DigitalOcean.com.", True),
        (API, "digitalocean.com", True),
        (API, ".digitalocean.com", True),
        (API, "*.digitalocean.com", True),
        (API, "other.com, digitalocean.com", True),
        (API, "other.com digitalocean.com", True),
        (API, "digitalocean.com:443", True),
        (API, "digitalocean.com:8443", False),
        (API, "ocean.com", False),
        (API, "com.digitalocean", False),
        (API, ",, ,", False),
        (API, ".", False),
        ("https://10.1.2.3:8443", "10.1.2.3", True),
        ("https://10.1.2.3:8443", "10.1.2.3:8443", True),
        ("https://10.1.2.3:8443", "10.0.0.0/8", True),
        ("https://10.1.2.3:8443", "2.3", False),
        ("https://[2001:db8::1]", "2001:db8::1", True),
        ("https://[2001:db8::1]", "[2001:db8::1]:443", True),
        ("https://[2001:db8::1]", "[2001:db8::2]", False),
    ],
)
def test_no_proxy_list_names_hosts_that_go_direct(base_url: str, no_proxy: str, is_direct: bool) -> None:
    assert (url_in(base_url, HTTPS_PROXY="http://a:1", NO_PROXY=no_proxy) is None) is is_direct
    assert (url_in(base_url, ALL_PROXY="http://a:1", no_proxy=no_proxy) is None) is is_direct


def test_credentials_are_for_the_header_and_for_no_text() -> None:
    proxy = checked_proxy("proxy", "http://us%3Aer:p%40ss@host:3128")
    assert proxy is not None
    assert dict(proxy.headers) == {"Proxy-Authorization": "Basic dXM6ZXI6cEBzcw=="}
    assert "p@ss" not in f"{proxy!r} {proxy} {proxy.headers!r}"
    assert "dXM6" not in f"{proxy!r} {proxy} {proxy.headers!r}"
