# SPDX-License-Identifier: Apache-2.0
"""Command lines of ovs-vsctl, right and wrong ones, as scripts (vsctl/*.txt) that run one after the other; and a maker of random ones."""
import pathlib
import random
import re
import shlex

FOLDER = pathlib.Path(__file__).parent / "vsctl"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.txt"))


def script_lines(name):
    """The command lines of a file, one a line, quoted as for a shell."""
    return [shlex.split(line) for line in (FOLDER / f"{name}.txt").read_text().splitlines() if line.strip()]


COMMANDS = """add-br <B>|add-br <B> <B> <N>|del-br <B>|list-br|--real list-br|br-exists <B>|br-to-vlan <B>|br-to-parent <B>|br-set-external-id <B> <W> <W>|br-get-external-id <B>
list-ports <B>|add-port <B> <P>|add-port b0 <P> tag=<V>|del-port <P>|del-port <B> <P>|--with-iface del-port <P>|port-to-br <P>|add-bond <B> <P> <P> <P>|add-bond-iface <P> <P>|del-bond-iface <P>
del-bond-iface <P> <P>|list-ifaces <B>|iface-to-br <P>|get-controller <B>|set-controller <B> <T> <T>|del-controller <B>|get-fail-mode <B>|set-fail-mode <B> <M>|del-fail-mode <B>
get bridge <B> <C>|get port <P> <C>|set bridge <B> <A>|set port <P> <A>|set bridge <B> <A> <A>|add bridge <B> flood_vlans <S>|add bridge <B> external_ids <W>=<W>|remove bridge <B> <C> <W>
remove port <P> trunks <V>|clear bridge <B> <C>|clear port <P> <C>|--columns=name find bridge <C>=<W>|--columns=name find port tag<R><V>|--columns=name find port external_ids:<W><R><W>
--columns=<C> list bridge <B>|--columns=<C> list port|create queue dscp=<V>|set-manager <T>|get-manager|set-ssl <W> <W> <W>|get-ssl|add-aa-mapping <B> <N> <N>|get-aa-mapping <B>"""
WORDS = {
    "B": ["b0", "b1", "b2", "b3", "p1", ""], "P": ["p1", "p2", "p3", "p4", "b0", "q0"], "V": ["0", "1", "7", "10", "4095", "4096", "x"],
    "N": ["0", "1", "7", "10", "4095"], "W": ["a", "b", "c-d", '"x y"', "1"], "T": ["tcp:1.2.3.4", "ptcp:", "unix:x", "foo"], "M": ["secure", "standalone", "open"],
    "C": ["name", "tag", "external_ids", "external-ids:a", "other_config", "flood_vlans", "fail_mode", "fail", "o", "zz", "trunks", "stp_enable", "ports:x"],
    "A": ["stp_enable=true", "flood_vlans=1,2", "flood_vlans=[3-6]", "external_ids:a=1", "external_ids={a=1,b=2}", "external_ids=a", "tag=5", "tag=[]", "trunks=1-4,9",
          "fail_mode=secure", "vlan_mode=access", "fail_mode=x", "name=z", "other_config:k=v", "flood_vlans=9-1", 'other_config:"q r"=1'],
    "S": ["1", "2,3", "[4]", "5-7", "x", "1 1"], "R": ["=", "!=", "<", ">=", "{in}", "{!=}", "{>}", "~"],
}
FLAGS = ["--may-exist", "--if-exists", "--oneline", "--fake-iface"]


def random_line(rng):
    """One to three commands; now and then with an option too many, a word lost or twice."""
    line = []
    for i in range(rng.choice((1, 1, 1, 2, 3))):
        words = rng.choice(COMMANDS.replace("\n", "|").split("|")).split()
        out = (["--"] if i else []) + ([rng.choice(FLAGS)] if rng.random() < 0.2 else [])
        out += [re.sub("<([A-Z])>", lambda m: rng.choice(WORDS[m[1]]), word) for word in words]
        if rng.random() < 0.06:
            del out[rng.randrange(len(out))]
        if rng.random() < 0.03:
            out.append(rng.choice(out or ["x"]))
        line += out
    return line


def random_script(seed, size=25):
    rng = random.Random(seed)
    return [["add-br", "b0"], ["add-br", "b1", "b0", "10"], ["add-port", "b0", "p1"], *(random_line(rng) for _ in range(size))]
