// SPDX-License-Identifier: Apache-2.0
// pps MAP SECONDS TIMES: reads the pinned map `counted` of sink.bpf.c; one JSON list of packets per second on
// stdout.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

struct Counters {
    uint64_t packets, bytes;
};

uint64_t packets(int map) {
    std::vector<Counters> per_cpu(static_cast<size_t>(libbpf_num_possible_cpus()));
    const uint32_t zero = 0;
    if (bpf_map_lookup_elem(map, &zero, per_cpu.data()) != 0) return 0;
    uint64_t sum = 0;
    for (const Counters& c : per_cpu) sum += c.packets;
    return sum;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: pps MAP SECONDS TIMES\n");
        return 2;
    }
    const int map = bpf_obj_get(argv[1]);
    if (map < 0) {
        std::fprintf(stderr, "pps: %s: %s\n", argv[1], std::strerror(errno));
        return 1;
    }
    using Clock = std::chrono::steady_clock;
    const int times = std::atoi(argv[3]);
    for (int i = 0; i < times; ++i) {
        const auto start = Clock::now();
        const uint64_t before = packets(map);
        std::this_thread::sleep_for(std::chrono::duration<double>(std::atof(argv[2])));
        const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
        std::printf("%c%.0f", i == 0 ? '[' : ',', static_cast<double>(packets(map) - before) / elapsed);
    }
    std::printf("]\n");
    return 0;
}
