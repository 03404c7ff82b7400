// SPDX-License-Identifier: Apache-2.0
#include "cli/weft/doctor.h"

#include <fmt/core.h>
#include <linux/capability.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>

namespace weft::cli::weft_tool {
namespace {

using Grade = Finding::Grade;

constexpr auto first_kernel = std::pair(5u, 17u);  ///< bpf_loop
constexpr auto first_tcx = std::pair(6u, 6u);
/// That of the switch, in one of its forms (src/bpf/forward_xdp.bpf.c).
bool is_ours(std::string_view xdp_program) {
    return xdp_program == "weft_xdp" || xdp_program == "weft_xdp_jumbo";
}

class Doctor {
  public:
    explicit Doctor(const Patient& patient) : patient_(patient) {}
    Diagnosis diagnose() {
        look_at_kernel();
        look_at_switch();
        conclude();
        for (const sys::DeviceProbe& d : patient_.devices) look_at(d);
        for (const std::string& name : patient_.missing)
            fault(name, "no_device", "there is no such device here",
                  fmt::format("create it, or move it here: ip link set {} netns ...", name));
        compare_mtus();
        return std::move(out_);
    }

  private:
    void fault(const std::string& subject, const char* name, std::string what, std::string remedy) {
        out_.findings.push_back({Grade::fault, subject, name, std::move(what), std::move(remedy)});
    }
    void slow(const std::string& subject, const char* name, std::string what, std::string remedy) {
        out_.findings.push_back({Grade::slow, subject, name, std::move(what), std::move(remedy)});
    }

    void note(const std::string& subject, const char* name, std::string what, std::string remedy) {
        out_.findings.push_back({Grade::note, subject, name, std::move(what), std::move(remedy)});
    }

    void look_at_kernel() {
        const sys::KernelProbe& k = patient_.kernel;
        if (std::pair(k.major, k.minor) < first_kernel)
            fault("kernel", "old_kernel",
                  "Linux " + k.release + " lacks bpf_loop, which the eBPF datapath needs",
                  "boot Linux 5.17 or later (6.6 for tcx)");
        if (k.load_error == EPERM && patient_.capabilities)  // the switch may do more than we
            note("kernel", "not_tried", "this process may not load eBPF programs to see what the kernel can",
                 "run weft doctor as root");
        else if (k.load_error == EPERM)
            fault("kernel", "no_privilege", "this process may not load eBPF programs",
                  "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN");
        else if (k.load_error != 0)
            fault(
                "kernel", "no_bpf", fmt::format("bpf(2) fails: {}", std::strerror(k.load_error)),
                "allow bpf(2) in the container's seccomp profile, or boot a kernel with CONFIG_BPF_SYSCALL");
        if (!k.has_types)
            fault("kernel", "no_types", fmt::format("{} cannot be read", sys::kernel_types_file),
                  "boot a kernel built with CONFIG_DEBUG_INFO_BTF, and mount /sys");
        if (!k.has_file_system)
            slow("kernel", "no_file_system",
                 fmt::format("no bpffs at {}: programs end with the switch", sys::bpf_file_system),
                 fmt::format("mount -t bpf bpf {}", sys::bpf_file_system));
        if (!k.compiles)
            slow("kernel", "no_jit", "eBPF programs are interpreted", "sysctl -w net.core.bpf_jit_enable=1");
        if (k.load_error == 0 && !k.has_tcx)
            slow("kernel", "no_tcx", "no tcx: programs are attached by a clsact filter",
                 fmt::format("boot Linux {}.{} or later", first_tcx.first, first_tcx.second));
    }

    void look_at_switch() {
        if (!patient_.capabilities) return;
        constexpr std::pair<int, const char*> needed[] = {
            {CAP_BPF, "CAP_BPF"}, {CAP_PERFMON, "CAP_PERFMON"}, {CAP_NET_ADMIN, "CAP_NET_ADMIN"}};
        const uint64_t has = *patient_.capabilities;
        if (has >> CAP_SYS_ADMIN & 1 && has >> CAP_NET_ADMIN & 1) return;
        std::string lacks;
        for (const auto& [bit, name] : needed)
            if (!(has >> bit & 1)) lacks += (lacks.empty() ? "" : ", ") + std::string(name);
        if (!lacks.empty())
            fault("switch", "switch_privilege", "ovs-vswitchd runs without " + lacks,
                  "start it as root, or give its service AmbientCapabilities=" + lacks);
    }

    void conclude() {
        out_.datapath = "ebpf";
        out_.reason = "the kernel and the switch's privileges allow it";
        for (const Finding& f : out_.findings) {
            if (f.grade != Grade::fault) continue;
            out_.datapath = "userspace";
            out_.reason = f.what;
            return;
        }
    }

    void look_at(const sys::DeviceProbe& d) {
        choose_hook(d);
        look_at_state(d);
        look_at_offloads(d);
    }

    void choose_hook(const sys::DeviceProbe& d) {
        Diagnosis::Port port{.device = d.link.name, .hook = "none", .reason = ""};
        if (out_.datapath != "ebpf") {
            port.reason = "packets are read by a packet socket";
        } else if (d.link.kind == "tun") {
            port.reason = "a tap: the host's frames are read by user space";
        } else if (is_ours(d.xdp_name)) {
            port.hook = "xdp";
            port.reason = "asked for by other_config:ebpf-hook; what XDP cannot do, tc does";
        } else {
            const bool tso_first = !d.is_internal() && d.link.kind == "veth" && d.tso.value_or(true);
            port.hook = "tc";
            port.reason = fmt::format(
                "tc ingress ({}{}): super-packets and checksums stay whole; XDP if "
                "other_config:ebpf-hook=xdp asks for it{}",
                patient_.kernel.has_tcx ? "tcx" : "clsact", d.is_internal() ? ", of its other end" : "",
                tso_first ? ", after ethtool -K " + d.link.name + " tso off" : "");
        }
        out_.ports.push_back(std::move(port));
    }

    void look_at_state(const sys::DeviceProbe& d) {
        const std::string& name = d.link.name;
        if (!d.link.admin_up)
            fault(name, "down", "the device is down", fmt::format("ip link set {} up", name));
        else if (!d.link.carrier)
            fault(name, "no_carrier", "the device has no carrier: its other end is down or not connected",
                  "set the other end up");
        if (d.link.master != 0)
            fault(name, "enslaved", "the device belongs to a bridge or bond of the kernel",
                  fmt::format("ip link set {} nomaster", name));
        if (d.xdp_program != 0 && !is_ours(d.xdp_name))
            fault(name, "xdp_attached",
                  fmt::format("XDP program {} is attached and sees frames before the switch", d.xdp_program),
                  fmt::format("ip link set {} xdp off, unless it should", name));
        // An internal port is the host's own: it should have them.
        if (!d.addresses.empty() && d.link.kind != "tun" && !d.is_internal())
            fault(name, "address",
                  fmt::format("the host's address {} on a port does not answer: frames go to the switch",
                              d.addresses.front()),
                  fmt::format("ip addr del {} dev {}, and add it to the bridge's internal port",
                              d.addresses.front(), name));
    }

    void look_at_offloads(const sys::DeviceProbe& d) {
        const std::string& name = d.link.name;
        if (d.lro.value_or(false))
            fault(name, "lro", "LRO merges frames so that they cannot be forwarded as they came",
                  fmt::format("ethtool -K {} lro off", name));
        if (!d.tx_checksum.value_or(true))
            slow(name, "tx_checksum", "checksums are computed in software before frames leave by it",
                 fmt::format("ethtool -K {} tx on", name));
        if (!d.tso.value_or(true) && !is_ours(d.xdp_name))  // which asks for that
            slow(name, "tso", "super-packets are cut to frames before they leave by it",
                 fmt::format("ethtool -K {} tso on", name));
        if (!d.peer_takes_xdp.value_or(true))
            note(name, "peer_napi",
                 fmt::format("frames that XDP sends would vanish: its other end, {}, runs without NAPI",
                             d.peer),
                 fmt::format("ethtool -K {} gro on, at the other end", d.peer.substr(0, d.peer.find(' '))));
    }

    /// What one port may bring, another must take.
    void compare_mtus() {
        int largest = 0;
        for (const auto& d : patient_.devices) largest = std::max(largest, d.link.mtu);
        for (const auto& d : patient_.devices)
            if (d.link.mtu < largest)
                fault(d.link.name, "mtu",
                      fmt::format("its MTU is {}, another port's {}: longer frames to it are dropped",
                                  d.link.mtu, largest),
                      fmt::format("ip link set {} mtu {}, or lower the other", d.link.name, largest));
    }

    const Patient& patient_;
    Diagnosis out_;
};

const char* name_of(Grade grade) {
    static constexpr const char* names[] = {"fault", "slow", "note"};
    return names[static_cast<size_t>(grade)];
}

}  // namespace

bool Diagnosis::is_healthy() const {
    return std::ranges::none_of(findings, [](const Finding& f) { return f.grade == Grade::fault; });
}

Diagnosis diagnose(const Patient& patient) { return Doctor(patient).diagnose(); }

std::string to_text(const Diagnosis& d) {
    std::string out = fmt::format("datapath: {} ({})\n", d.datapath, d.reason);
    for (const auto& port : d.ports)
        out += fmt::format("port {}: hook {} ({})\n", port.device, port.hook, port.reason);
    for (const auto& f : d.findings)
        out += fmt::format("{} {}: {}: {}\n  remedy: {}\n", f.subject, name_of(f.grade), f.name, f.what,
                           f.remedy);
    if (d.findings.empty()) out += "nothing to improve\n";
    return out;
}

codec::Json to_json(const Diagnosis& d) {
    codec::JsonArray ports, findings;
    for (const auto& p : d.ports)
        ports.push_back(codec::Json::object({{"device", p.device}, {"hook", p.hook}, {"reason", p.reason}}));
    for (const auto& f : d.findings)
        findings.push_back(codec::Json::object({{"subject", f.subject},
                                                {"grade", std::string(name_of(f.grade))},
                                                {"name", f.name},
                                                {"what", f.what},
                                                {"remedy", f.remedy}}));
    return codec::Json::object({{"datapath", d.datapath},
                                {"reason", d.reason},
                                {"ports", std::move(ports)},
                                {"findings", std::move(findings)}});
}

}  // namespace weft::cli::weft_tool
