// SPDX-License-Identifier: Apache-2.0
// veth_gen OBJECT DEVICE FLOWS PPS SECONDS CPU LENGTH [random]
//
// Sends UDP frames of LENGTH bytes (with the FCS, so 64 is the smallest) into DEVICE from the kernel: the
// cheapest generator there is. The sink's side is counted by pps. PPS 0: as fast as it goes.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/if.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/be.h"

namespace {

struct Config {  // as in veth_gen.bpf.c
    uint32_t ifindex, n_flows, burst, burst_ns, random;
};
constexpr uint32_t burst = 32;

std::vector<uint8_t> frame(size_t length) {
    std::vector<uint8_t> out(length);
    const ethhdr eth{{2, 0, 0, 0, 0, 2}, {2, 0, 0, 0, 0, 1}, weft::Be16(ETH_P_IP).raw()};
    iphdr ip{};
    ip.version = 4;
    ip.ihl = 5;
    ip.ttl = 64;
    ip.protocol = 17;
    ip.tot_len = weft::Be16(static_cast<uint16_t>(length - sizeof eth)).raw();
    ip.daddr = weft::Be32(0x0b000002).raw();
    udphdr udp{};
    udp.dest = weft::Be16(9).raw();
    udp.len = weft::Be16(static_cast<uint16_t>(length - sizeof eth - sizeof ip)).raw();
    std::memcpy(out.data(), &eth, sizeof eth);
    std::memcpy(out.data() + sizeof eth, &ip, sizeof ip);
    std::memcpy(out.data() + sizeof eth + sizeof ip, &udp, sizeof udp);
    return out;
}

int load(const char* object, const Config& config) {
    bpf_object* obj = bpf_object__open_file(object, nullptr);
    if (!obj) return -1;
    bpf_map* rodata = bpf_object__find_map_by_name(obj, ".rodata");
    if (!rodata || bpf_map__set_initial_value(rodata, &config, sizeof config) != 0) return -1;
    if (bpf_object__load(obj) != 0) return -1;
    return bpf_program__fd(bpf_object__find_program_by_name(obj, "generate"));
}

/// Frames of one bpf() call: about a second's, because the device gets nothing between two calls.
int frames_per_call(double pps) {
    return static_cast<int>(pps > 0 ? std::min(pps, 1e6) : 1e6) + static_cast<int>(burst);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 8) {
        std::fprintf(stderr, "usage: veth_gen OBJECT DEVICE FLOWS PPS SECONDS CPU LENGTH [random]\n");
        return 2;
    }
    const double pps = std::atof(argv[4]), seconds = std::atof(argv[5]);
    const size_t length = std::strtoul(argv[7], nullptr, 10);
    if (length < 64 || length > 1518) {
        std::fprintf(stderr, "veth_gen: bad LENGTH %s: expected 64 to 1518\n", argv[7]);
        return 2;
    }
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(std::atoi(argv[6]), &cpus);
    sched_setaffinity(0, sizeof cpus, &cpus);

    const Config config{if_nametoindex(argv[2]), static_cast<uint32_t>(std::strtoul(argv[3], nullptr, 10)),
                        burst, pps > 0 ? static_cast<uint32_t>(1e9 * burst / pps) : 0,
                        argc > 8 && std::string_view(argv[8]) == "random"};
    if (config.ifindex == 0) {
        std::fprintf(stderr, "veth_gen: there is no device %s\n", argv[2]);
        return 1;
    }
    const int program = load(argv[1], config);
    if (program < 0) {
        std::fprintf(stderr, "veth_gen: cannot load %s (root is needed): %s\n", argv[1],
                     std::strerror(errno));
        return 1;
    }

    const auto data = frame(length - 4);
    xdp_md context{};
    context.data_end = static_cast<uint32_t>(data.size());
    bpf_test_run_opts run{};
    run.sz = sizeof run;
    run.data_in = data.data();
    run.data_size_in = static_cast<uint32_t>(data.size());
    run.ctx_in = &context;
    run.ctx_size_in = sizeof context;
    run.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
    run.batch_size = burst;
    run.repeat = frames_per_call(pps);
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    while (Clock::now() < end) {
        if (bpf_prog_test_run_opts(program, &run) != 0) {
            std::fprintf(stderr, "veth_gen: BPF_PROG_RUN with live frames: %s\n", std::strerror(errno));
            return 1;
        }
    }
    return 0;
}
