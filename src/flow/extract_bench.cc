// SPDX-License-Identifier: Apache-2.0
// The target is below 30 ns for a UDP frame.
#include <benchmark/benchmark.h>

#include "flow/extract.h"

namespace weft::flow {
namespace {

void run(benchmark::State& state, const char* hex) {
    const Bytes frame = *parse_hex(hex);
    PacketBlock key;
    for (auto _ : state) {
        benchmark::DoNotOptimize(extract(frame, key));
        benchmark::ClobberMemory();
    }
}

void udp(benchmark::State& state) {
    run(state,
        "0000000000020000000000010800 4500001c00000000401100000102030405060708 0050005100080000"
        "000000000000000000000000000000000000");
}
BENCHMARK(udp);

void vlan_tcp(benchmark::State& state) {
    run(state,
        "00000000000200000000000181000005 0800 4500002800000000400600000102030405060708"
        "0050005100000001000000025012000000000000");
}
BENCHMARK(vlan_tcp);

void udp6(benchmark::State& state) {
    run(state,
        "00000000000200000000000186dd 6000000000081140 20010db8000000000000000000000001"
        "20010db8000000000000000000000002 0050005100080000");
}
BENCHMARK(udp6);

}  // namespace
}  // namespace weft::flow
