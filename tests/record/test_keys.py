import os
import stat

import pytest
from tests.record.sample import key

from baseload.record.errors import StoreError
from baseload.record.keys import SoftwareKey, verifier_key
from baseload.record.note import ed25519_holds


def test_a_key_file_is_read_with_its_passphrase_and_by_its_owner_only(tmp_path):
    made = SoftwareKey.generate()
    made.write(tmp_path / "key", b"secret")
    assert stat.S_IMODE(os.stat(tmp_path / "key").st_mode) == 0o600
    found = SoftwareKey.read(tmp_path / "key", b"secret")
    assert ed25519_holds(made.public, found.sign(b"text"), b"text")
    assert b"secret" not in (tmp_path / "key").read_bytes()
    assert os.listdir(tmp_path) == ["key"]


def test_the_signature_of_the_standards_first_vector():
    """RFC 8032, 7.1, test 1."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    made = SoftwareKey.from_seed(seed)
    assert made.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert (
        made.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065")
    )


def test_what_is_wrong_with_a_key_file_is_said(tmp_path):
    key("a").write(tmp_path / "key", b"secret")
    with pytest.raises(StoreError, match="passphrase"):
        SoftwareKey.read(tmp_path / "key", b"wrong")
    with pytest.raises(StoreError, match="No such file"):
        SoftwareKey.read(tmp_path / "none", b"secret")
    (tmp_path / "text").write_text("no key")
    os.chmod(tmp_path / "text", 0o600)
    with pytest.raises(StoreError):
        SoftwareKey.read(tmp_path / "text", b"secret")
    os.chmod(tmp_path / "key", 0o644)
    with pytest.raises(StoreError, match="mode 644"):
        SoftwareKey.read(tmp_path / "key", b"secret")


def test_a_key_never_takes_the_place_of_another(tmp_path):
    key("a").write(tmp_path / "key", b"secret")
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(StoreError, match="free"):
        key("b").write(tmp_path / "key", b"secret")
    with pytest.raises(StoreError, match="passphrase"):
        key("b").write(tmp_path / "other", b"")
    assert (tmp_path / "key").read_bytes() == before
    assert os.listdir(tmp_path) == ["key"]


def test_what_is_printed_of_a_key_is_public():
    assert repr(key("a")) == f"SoftwareKey(public={key('a').public.hex()})"
    assert str(verifier_key(key("a"), "name")).startswith("name+")
