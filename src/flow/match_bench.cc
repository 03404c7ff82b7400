// SPDX-License-Identifier: Apache-2.0
// What a flow_mod and a line of dump-flows cost in this folder.
#include <benchmark/benchmark.h>

#include "flow/match_text.h"
#include "flow/oxm.h"
#include "flow/sparse.h"

namespace weft::flow {
namespace {

constexpr std::string_view text =
    "tcp,in_port=1,dl_src=01:02:03:04:05:06,nw_src=10.1.2.3,nw_dst=10.0.0.0/8,tp_dst=80";

Match sample() { return *parse_match(text); }
Bytes sample_oxm() {
    ByteWriter out;
    encode_oxm(sample(), 0x04, out);
    return out.take();
}

void parse(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(parse_match(text));
}
BENCHMARK(parse);

void format(benchmark::State& state) {
    const Match m = sample();
    for (auto _ : state) benchmark::DoNotOptimize(format_match(m));
}
BENCHMARK(format);

void decode(benchmark::State& state) {
    const Bytes in = sample_oxm();
    for (auto _ : state) benchmark::DoNotOptimize(decode_oxm(in));
}
BENCHMARK(decode);

void encode(benchmark::State& state) {
    const Match m = sample();
    for (auto _ : state) {
        ByteWriter out;
        encode_oxm(m, 0x04, out);
        benchmark::DoNotOptimize(out);
    }
}
BENCHMARK(encode);

void make_sparse(benchmark::State& state) {
    const Match m = sample();
    for (auto _ : state) benchmark::DoNotOptimize(SparseMatch(m));
}
BENCHMARK(make_sparse);

}  // namespace
}  // namespace weft::flow
