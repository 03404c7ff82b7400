// SPDX-License-Identifier: Apache-2.0
// redirect OBJECT tc|xdp DEVICE DEVICE: what arrives at one leaves by the other, by the programs of
// redirect.bpf.c, until the process ends.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

#include "sys/bpf_object.h"
#include "sys/disk_file.h"
#include "sys/ingress_program.h"
#include "sys/netlink.h"
#include "sys/xdp_program.h"

namespace {

using namespace weft;

/// One direction. Resource type.
struct Way {
    std::unique_ptr<sys::BpfObject> object;
    std::unique_ptr<sys::IngressProgram> tc;
    std::unique_ptr<sys::XdpProgram> xdp;
};

Result<Way> redirect(sys::Netlink& netlink, ByteSpan elf, const std::string& hook,
                     const std::array<int, 2>& devices) {
    const auto to = static_cast<uint32_t>(devices[1]);
    Way way;
    way.object = TRY(sys::BpfObject::load(elf, "redirect",
                                          {"config", {reinterpret_cast<const uint8_t*>(&to), sizeof to}}));
    const int program = TRY(way.object->program("redirect_" + hook));
    if (hook == "xdp")
        way.xdp = TRY(sys::XdpProgram::attach(devices[0], program, {}));
    else
        way.tc = TRY(sys::IngressProgram::attach(netlink, devices[0], program, {}));
    return way;
}

Result<void> run(char** argv) {
    const std::string elf = TRY(sys::read_file(argv[1]));
    const ByteSpan bytes{reinterpret_cast<const uint8_t*>(elf.data()), elf.size()};
    const auto netlink = TRY(sys::Netlink::open());
    const int a = TRY(netlink->link(argv[3])).ifindex, b = TRY(netlink->link(argv[4])).ifindex;
    const std::array<Way, 2> ways{TRY(redirect(*netlink, bytes, argv[2], {a, b})),
                                  TRY(redirect(*netlink, bytes, argv[2], {b, a}))};
    std::puts("ready");
    std::fflush(stdout);
    for (;;) ::pause();
}

}  // namespace

int main(int argc, char** argv) {
    const std::string hook = argc > 2 ? argv[2] : "";
    if (argc != 5 || (hook != "tc" && hook != "xdp")) {
        std::fprintf(stderr, "usage: redirect OBJECT tc|xdp DEVICE DEVICE\n");
        return 2;
    }
    const auto done = run(argv);
    if (!done) std::fprintf(stderr, "redirect: %s\n", done.error().message.c_str());
    return 1;
}
