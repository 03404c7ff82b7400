// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/program.h"

#include <algorithm>
#include <bit>
#include <random>

#include "dp/ebpf/programs.h"
#include "flow/extract.h"
#include "sys/thread.h"

namespace weft::dp {
namespace {

static_assert(sizeof(weft_entry) == 256 && sizeof(weft_bucket) == 64 && sizeof(weft_flow_stats) == 32);
static_assert(sizeof(weft_counters) % 64 == 0 && sizeof(weft_upcall) % 8 == 0);

weft_config random_config() {
    weft_config config{};
    std::random_device random;
    for (auto& key : config.hash_key) key = random();
    const auto cores = static_cast<uint32_t>(sys::possible_cores());
    config.stripes = std::min<uint32_t>(std::bit_ceil(cores), weft_stripes_max);
    config.one_core_per_stripe = config.stripes >= cores;
    return config;
}

}  // namespace

Result<std::unique_ptr<KernelProgram>> KernelProgram::load() {
    std::unique_ptr<KernelProgram> out(new KernelProgram);
    out->config_ = random_config();
    const sys::BpfConstant constant{"config",
                                    {reinterpret_cast<const uint8_t*>(&out->config_), sizeof out->config_}};
    out->object_ = TRY(sys::BpfObject::load(forward_tc_program(), "weft", constant));
    TRY(out->open_maps());
    out->state().vlan_tags = flow::default_vlan_tags;
    out->state().stripes = out->config_.stripes;
    return out;
}

Result<void> KernelProgram::open_maps() {
    const auto state = TRY(object_->variable(".bss", "state", sizeof(weft_state)));
    // What is mapped counts as the process's memory, used or not.
    const size_t in_use =
        state.offset + offsetof(weft_state, sent) + config_.stripes * sizeof(weft_state::sent[0]);
    memory_ = TRY(sys::Mapping::of(state.map, in_use, 0, "the datapath's state"));
    state_offset_ = state.offset;
    CHECK(state_offset_ == 0);  // the process that takes over looks for it there
    buckets_ = TRY(object_->map("buckets"));
    entries_ = TRY(object_->map("entries"));
    statistics_ = TRY(object_->map("statistics"));
    meters_ = TRY(object_->map("meters"));
    const int ring = TRY(object_->map("upcalls"));
    ring_ = TRY(sys::BpfRing::open(ring, weft_ring_size, longest_upcall));
    ingress_ = TRY(object_->program("weft_ingress"));
    recirculate_ = TRY(object_->program("weft_recirculate"));
    const int next = TRY(object_->map("next_program"));
    return sys::set_descriptor(next, 0, recirculate_, "chain the programs");
}

}  // namespace weft::dp
