# SPDX-License-Identifier: Apache-2.0
"""The keys of other_config that src/bridge/config_keys.cc calls heeded are those that the code asks for."""
import re

import tree

LIST = tree.ROOT / "src/bridge/config_keys.cc"
ASKED = re.compile(r'(?:get(?:_bool)?\(\s*[\w.>()-]*other(?:_config)?,|number_(?:of|if_any)\(\s*[\w.>()-]*other(?:_config)?,\s*"\w+",|\bsetting\()\s*"([\w-]+)"')


def test_heeded_keys_are_those_that_are_asked_for():
    listed = dict((key, table) for table, key in re.findall(r'\{"(\w+)", "other_config", "([\w-]+)"\}', LIST.read_text()))
    sources = [file for folder in ("bridge", "apps") for file in (tree.ROOT / "src" / folder).glob("*.cc")
               if file != LIST and not file.stem.endswith(("_test", "_fuzz"))]
    texts = {file: file.read_text() for file in sources}
    asked = {key for text in texts.values() for key in ASKED.findall(text)}
    assert len(asked) > 15, "the pattern finds little any more: mend it"
    assert not asked - set(listed), f"{LIST.name} does not list what is asked for: {', '.join(sorted(asked - set(listed)))}"
    script = (tree.ROOT / "packaging/scripts/ovs-ctl").read_text()
    unused = [key for key in listed if f"other_config:{key}=" not in script and not any(f'"{key}"' in text for text in texts.values())]
    assert not unused, f"{LIST.name} lists what nobody asks for: {', '.join(unused)}"
    known = {tuple(line.split()[::2][:2]) for line in (tree.ROOT / "schema/vswitch.keys").read_text().splitlines() if " other_config " in line}
    assert not {(table, key) for key, table in listed.items()} - known, "schema/vswitch.keys does not have all of them"
