// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/xdp_hook.h"

#include <cerrno>

#include "dp/ebpf/programs.h"

namespace weft::dp {
namespace {

constexpr uint32_t xdp_pass = 2;  // XDP_PASS
constexpr size_t frame_min = 60;
constexpr const char* shared_maps[] = {"buckets", "entries", "statistics", "meters", "upcalls", "hints"};

bool is_veth(const sys::Link& device) { return device.kind == "veth"; }
bool is_tap(const sys::Link& device) { return device.kind == "tun"; }

}  // namespace

HookChoice parse_hook(std::string_view text) {
    if (text == "tc") return HookChoice::tc;
    return text == "xdp" ? HookChoice::xdp : HookChoice::automatic;
}

Result<std::unique_ptr<XdpHook>> XdpHook::load(const KernelProgram& program, const sys::Ethtool& ethtool) {
    auto features = TRY(sys::XdpFeatures::open());
    std::vector<sys::BpfMap> maps;
    for (const char* name : shared_maps) maps.push_back({name, TRY(program.map(name))});
    maps.push_back({".bss", TRY(program.map("state"))});
    const weft_config& config = program.config();
    auto object = TRY(
        sys::BpfObject::load(forward_xdp_program(), "weft_xdp",
                             {"config", {reinterpret_cast<const uint8_t*>(&config), sizeof config}}, maps));
    CHECK(TRY(object->variable(".bss", "state", sizeof(weft_state))).offset == 0);
    std::unique_ptr<XdpHook> out(new XdpHook(std::move(object), std::move(features), ethtool));
    out->program_ = TRY(out->object_->program("weft_xdp"));
    out->jumbo_program_ = TRY(out->object_->program("weft_xdp_jumbo"));
    const Bytes frame(frame_min);
    const auto asked = sys::test_run_xdp(TRY(out->object_->program("weft_knows_veth")), {.frame = frame});
    out->knows_veth_ = asked && asked->code == xdp_pass;
    return out;
}

Result<std::unique_ptr<sys::XdpProgram>> XdpHook::attach(const sys::Link& device,
                                                         const std::string& pin) const {
    if (is_tap(device))
        return fail("frames of a tap may be unfinished in a way that XDP is not told of", ENOTSUP);
    if (is_veth(device) && !knows_veth_)
        return fail("the kernel's BTF lacks veth_xdp_buff, which tells unfinished frames of a veth", ENOTSUP);
    if (!has_one_queue(device))
        return fail(
            "frames of XDP and others would overtake each other: ethtool -K " + device.name + " tso off",
            ENOTSUP);
    if (has_pieces(device.mtu))
        if (auto jumbo = sys::XdpProgram::attach(device.ifindex, jumbo_program_, pin)) return jumbo;
    auto done = sys::XdpProgram::attach(device.ifindex, program_, pin);
    if (done || done.error().code != ERANGE) return done;
    return sys::XdpProgram::attach(device.ifindex, jumbo_program_, pin);
}

bool XdpHook::has_pieces(int mtu) {
    constexpr int surely_whole = 3000;  // a page less what drivers and the kernel have of it, about 3500
    return mtu > surely_whole;
}

/// With TSO a veth gives packets to a queue of the core, frames of XDP to its own: then a flow's first
/// packets, which user space sends, and the next would race each other.
bool XdpHook::has_one_queue(const sys::Link& device) const {
    return !is_veth(device) || !ethtool_.feature(device.name, sys::Ethtool::Feature::tso).value_or(true);
}

uint32_t XdpHook::flags_of(const sys::Link& device) {
    const uint32_t veth = is_veth(device) ? weft_xdp_veth : 0;
    if (!has_one_queue(device)) return veth;
    const auto takes = features_->takes(device.ifindex);
    return veth | (takes.frames ? weft_xdp_takes : 0u) | (takes.fragments ? weft_xdp_takes_fragments : 0u);
}

}  // namespace weft::dp
