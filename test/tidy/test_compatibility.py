# SPDX-License-Identifier: Apache-2.0
"""doc/compatibility.md names everything that the code says is not done yet."""
import re

import pytest

import tree

# Where the code refuses or ignores something, and how it names it there.
PLACES = {
    "src/bridge/config_reader.cc": [r'unsupported\("\w+", [\w.]+, "(\w+)"\)', r'for \(const char\* column : \{(.*?)\}\)', r"tunnel_types\{(.*?)\};"],
    "src/pipeline/drop.cc": [r'"drop_action_(needs_\w+)"'],
    "src/ctl/absent_commands.cc": [r'^    \{"[^"]+", "[^"]*", "([^"]+)"\}'],
}


@pytest.mark.parametrize("file", PLACES)
def test_what_is_not_done_is_listed_in_the_documentation(file):
    text, page = (tree.ROOT / file).read_text(), (tree.ROOT / "doc/compatibility.md").read_text()
    found = [m.group(1) for pattern in PLACES[file] for m in re.finditer(pattern, text, re.M | re.S)]
    names = {name for part in found for name in (re.findall(r'"([^"]+)"', part) or [part])}
    assert names, f"{file} names nothing any more: mend the pattern here"
    missing = sorted(name for name in names if name not in page)
    assert not missing, f"doc/compatibility.md does not mention {', '.join(missing)}, which {file} refuses or ignores"
