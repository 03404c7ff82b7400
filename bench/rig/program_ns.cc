// SPDX-License-Identifier: Apache-2.0
// program_ns DEVICE tc|xdp SECONDS TIMES: what the program that is attached to DEVICE takes for a packet, of
// those that come meanwhile, in nanoseconds by the kernel's clock; with what it takes to read that. One JSON
// list of averages on stdout, without times in which hardly any came.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

namespace {

constexpr auto tcx_ingress = static_cast<bpf_attach_type>(46);  // BPF_TCX_INGRESS, missing from Debian 12

/// The program on the device; -1: there is none.
int attached(int ifindex, bool xdp) {
    uint32_t id = 0, n = 1;
    const int failed =
        xdp ? bpf_xdp_query_id(ifindex, 0, &id) : bpf_prog_query(ifindex, tcx_ingress, 0, nullptr, &id, &n);
    return failed || id == 0 ? -1 : bpf_prog_get_fd_by_id(id);
}

constexpr uint64_t packets_min = 1000;  // of an average

struct Runs {
    uint64_t ns = 0, packets = 0;
};

Runs runs_of(int program) {
    bpf_prog_info info{};
    uint32_t size = sizeof info;
    if (bpf_obj_get_info_by_fd(program, &info, &size) != 0) return {};
    return {info.run_time_ns, info.run_cnt};
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view hook = argc > 2 ? argv[2] : "";
    if (argc != 5 || (hook != "tc" && hook != "xdp")) {
        std::fprintf(stderr, "usage: program_ns DEVICE tc|xdp SECONDS TIMES\n");
        return 2;
    }
    const int program = attached(static_cast<int>(if_nametoindex(argv[1])), hook == "xdp");
    if (program < 0) {
        std::fprintf(stderr, "program_ns: no program is attached to %s at %s: %s\n", argv[1], argv[2],
                     std::strerror(errno));
        return 1;
    }
    if (bpf_enable_stats(BPF_STATS_RUN_TIME) < 0) {
        std::fprintf(stderr, "program_ns: the kernel does not time programs (root is needed): %s\n",
                     std::strerror(errno));
        return 1;
    }
    const int times = std::atoi(argv[4]);
    const char* between = "[";
    for (int i = 0; i < times; ++i) {
        const Runs before = runs_of(program);
        std::this_thread::sleep_for(std::chrono::duration<double>(std::atof(argv[3])));
        const Runs after = runs_of(program);
        const uint64_t packets = after.packets - before.packets;
        if (packets < packets_min) continue;
        std::printf("%s%.1f", between,
                    static_cast<double>(after.ns - before.ns) / static_cast<double>(packets));
        between = ",";
    }
    std::printf("]\n");
    return 0;
}
