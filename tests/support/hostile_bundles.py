# SPDX-License-Identifier: Apache-2.0
"""Bundles as somebody may make them who means no good: what is wrong with each,
as a tar archive. The fuzzer begins with them.

usage: hostile_bundles.py FOLDER   write them as a corpus
"""
import hashlib
import io
import json
import pathlib
import struct
import sys
import tarfile

TAIL_WORDS = b"greenbench.bundle/1 sha256 "
CONTENT = b"claims: []\n"


def manifest_of(listed, sizes=None, **changes):
    """Of (name, role, content); `sizes` are stated in place of the true ones."""
    document = {"schema": "greenbench.bundle/1",
                "tool": {"version": "0.1.0", "git": None},
                "date_utc": "2026-01-01T00:00:00Z",
                "runs": [{"path": "runs/a", "run_id": "a"}],
                "files": [{"path": name, "role": role,
                           "sha256": hashlib.sha256(content).hexdigest(),
                           "size_bytes": (sizes or {}).get(name, len(content))}
                          for name, role, content in listed],
                "manifest_sha256": "0" * 64}
    document.update(changes)
    text = json.dumps(document, indent=1) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return text.replace("0" * 64, digest).encode()


FILES = [("claims/c.yaml", "claims", CONTENT), ("runs/a/plan.json", "run", b"{}")]


def entry(name, content=b"", kind=tarfile.REGTYPE, link="", size=None):
    header = tarfile.TarInfo(name)
    header.type, header.linkname = kind, link
    header.size = len(content) if size is None else size
    return header, content


def tar_of(entries, form=tarfile.GNU_FORMAT):
    out = io.BytesIO()
    for header, content in entries:
        out.write(header.tobuf(form))
        out.write(content + b"\0" * (-len(content) % 512))
    out.write(b"\0" * 1024)
    return out.getvalue()


def with_files(*more, files=FILES, first=True, **changes):
    """A manifest, what it lists, and what else there is."""
    plain = [entry("manifest.json", manifest_of(files, **changes))]
    plain += [entry(name, content) for name, _, content in files]
    return tar_of([*plain, *more] if first else [*more, *plain])


def listed(name, header):
    """An entry that the manifest names, as something else than it is."""
    files = [*FILES, (name, "run", b"")]
    plain = [entry("manifest.json", manifest_of(files))]
    plain += [entry(n, content) for n, _, content in FILES]
    return tar_of([*plain, header])


def huge(size):
    manifest = manifest_of(FILES, {"runs/a/plan.json": size})
    return tar_of([entry("manifest.json", manifest),
                   entry("claims/c.yaml", CONTENT)])


def cases():
    """{name: (tar, the code that `validate` tells)}"""
    evil = entry("../evil", b"x")
    named_out = [("../evil", "run", b"x"), *FILES]
    return {
        "whole": (with_files(), None),
        "path_up": (with_files(evil), "bundle.path"),
        "path_up_inside": (with_files(entry("runs/../../evil", b"x")),
                           "bundle.path"),
        "path_absolute": (with_files(entry("/tmp/greenbench-evil", b"x")),
                          "bundle.path"),
        "manifest_path_up": (with_files(files=named_out),
                             "manifest.unreadable"),
        "manifest_absolute": (
            with_files(files=[("/tmp/greenbench-evil", "run", b"x"), *FILES]),
            "manifest.unreadable"),
        "manifest_backslash": (
            with_files(files=[("..\\evil", "run", b"x"), *FILES]),
            "manifest.unreadable"),
        "manifest_twice": (with_files(files=[FILES[0], *FILES]),
                           "manifest.unreadable"),
        "manifest_order": (with_files(files=FILES[::-1]),
                           "manifest.unreadable"),
        "manifest_late": (with_files(entry("notes", b"x"), first=False),
                          "manifest.missing"),
        "manifest_none": (tar_of([]), "manifest.missing"),
        "manifest_second": (with_files(entry("manifest.json", b"{}")),
                            "files.unlisted"),
        "manifest_no_json": (tar_of([entry("manifest.json", b"{")]),
                             "manifest.unreadable"),
        "manifest_null": (tar_of([entry("manifest.json", b"{}\0")]),
                          "bundle.format"),
        "manifest_large": (tar_of([entry("manifest.json", b"", size=1 << 40)]),
                           "bundle.size"),
        "manifest_link": (tar_of([entry("manifest.json", kind=tarfile.SYMTYPE,
                                        link="/etc/passwd")]), "bundle.kind"),
        "manifest_types": (with_files(files=FILES, runs=3),
                           "manifest.unreadable"),
        "manifest_digest": (
            with_files().replace(b'"version": "0.1.0"',
                                 b'"version": "0.1.1"'), "manifest.digest"),
        "symlink": (listed("runs/a/x", entry(
            "runs/a/x", kind=tarfile.SYMTYPE, link="/etc/passwd")),
            "bundle.kind"),
        "symlink_folder": (tar_of([
            entry("manifest.json", manifest_of(FILES)),
            entry("claims", kind=tarfile.SYMTYPE, link="/tmp"),
            entry("claims/c.yaml", CONTENT)]), "bundle.kind"),
        "hardlink": (listed("runs/a/x", entry(
            "runs/a/x", kind=tarfile.LNKTYPE, link="claims/c.yaml")),
            "bundle.kind"),
        "device": (listed("runs/a/x", entry("runs/a/x", kind=tarfile.CHRTYPE)),
                   "bundle.kind"),
        "block_device": (listed("runs/a/x",
                                entry("runs/a/x", kind=tarfile.BLKTYPE)),
                         "bundle.kind"),
        "pipe": (listed("runs/a/x", entry("runs/a/x", kind=tarfile.FIFOTYPE)),
                 "bundle.kind"),
        "folder": (with_files(entry("runs/", kind=tarfile.DIRTYPE)),
                   "bundle.kind"),
        "twice": (with_files(entry("claims/c.yaml", CONTENT)), "bundle.twice"),
        "unlisted": (with_files(entry("notes", b"x")), "files.unlisted"),
        "missing": (tar_of([entry("manifest.json", manifest_of(FILES)),
                            entry("claims/c.yaml", CONTENT)]),
                    "files.missing"),
        "size": (tar_of([entry("manifest.json", manifest_of(FILES)),
                         entry("claims/c.yaml", CONTENT + b"x")]),
                 "files.size"),
        "content": (tar_of([entry("manifest.json", manifest_of(FILES)),
                            entry("claims/c.yaml", CONTENT[::-1]),
                            entry("runs/a/plan.json", b"{}")]),
                    "files.sha256"),
        "file_and_folder": (with_files(files=[
            FILES[0], ("runs/a", "run", b"x"), FILES[1]]), "bundle.twice"),
        "bomb": (huge(1 << 45), "bundle.size"),
        "bomb_overflow": (huge((1 << 63) - 1), "bundle.size"),
        "cut": (with_files()[:-1600], "bundle.format"),
        "signature_large": (with_files(
            entry("manifest.json.sig", b"", size=1 << 30)), "bundle.size"),
        "signature_twice": (with_files(
            entry("manifest.json.sig", b"x"), entry("manifest.json.sig", b"y")),
            "bundle.twice"),
        "empty": (b"", "bundle.format"),
    }


def frame(content):
    """One zstd frame of raw blocks (RFC 8878): no compressor is needed."""
    out = b"\x28\xb5\x2f\xfd" + b"\xa0" + struct.pack("<I", len(content))
    pieces = [content[i:i + 131072] for i in range(0, len(content), 131072)]
    for at, piece in enumerate(pieces or [b""]):
        last = at + 1 >= len(pieces)
        out += struct.pack("<I", last | len(piece) << 3)[:3] + piece
    return out


def tail_of(held):
    words = TAIL_WORDS + hashlib.sha256(held).hexdigest().encode() + b"\n"
    return b"\x50\x2a\x4d\x18" + struct.pack("<I", len(words)) + words


def bundle_of(tar):
    held = frame(tar)
    return held + tail_of(held)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    for name, (tar, _) in cases().items():
        (folder / name).write_bytes(b"t" + tar)
    (folder / "packed").write_bytes(b"z" + bundle_of(cases()["whole"][0]))
