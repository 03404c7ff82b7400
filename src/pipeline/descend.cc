// SPDX-License-Identifier: Apache-2.0
// From one table into another: how deep, and what ends a packet that comes back.
#include <string>

#include "pipeline/translator.h"

namespace weft::pipeline {

namespace {

/// Cheap, and the same for equal keys.
uint64_t digest(const flow::FlowKey& key) {
    uint64_t out = 0;
    for (const uint64_t word : flow::words(key)) out ^= word;
    return out;
}

}  // namespace

bool Translator::may_go_deeper() {
    const Limits& limits = snapshot_.config().limits;
    if (depth_ >= limits.depth) {
        fail(Drop::recursion_too_deep, "over max translation depth " + std::to_string(limits.depth));
        return false;
    }
    if (resubmits_ >= limits.resubmits) {
        fail(Drop::too_many_resubmit, "over " + std::to_string(limits.resubmits) + " resubmit actions");
        return false;
    }
    if (stack_.size() * sizeof(flow::FieldValue) > max_stack_bytes) {
        fail(Drop::stack_too_deep, "resubmits yielded over 64 kB of stack");
        return false;
    }
    return true;
}

void Translator::resubmit(OfPort in_port, uint8_t table) { descend(in_port, table, OnMiss::drop); }

void Translator::goto_table(uint8_t table) {
    descend(view_.key_for_lookup().of_in_port(), table, OnMiss::as_table_says);
}

void Translator::descend(OfPort in_port, uint8_t table, OnMiss on_miss) {
    if (!may_go_deeper() || !inner_known()) return;
    const uint8_t from = table_;
    const bool deeper = table <= from;  // forward jumps end by themselves
    if (deeper && !enter(in_port, table)) return;
    ++resubmits_;
    depth_ += deeper;
    look_up_and_run(in_port, table, on_miss);
    depth_ -= deeper;
    if (deeper) {
        ancestors_.pop_back();
        before_.pop_back();
    }
    table_ = from;
}

/// False: this lookup is under way already, so it would be again and again. What tells that is in the mask,
/// for another packet of this megaflow takes the same way once more at most before it is as it was, too.
bool Translator::enter(OfPort in_port, uint8_t table) {
    const flow::FlowKey& key = view_.key_for_lookup();
    const Ancestor here{digest(key), bridge_->id, in_port, table, inner_unknown_, headers_.n_committed};
    const bool comparable = headers_.pending == NewHeaders::Pending::none;
    for (size_t i = comparable ? ancestors_.size() : 0; i-- > 0;) {
        if (ancestors_[i].digest != here.digest) continue;
        if (ancestors_[i] != here || before_[i].key != key || before_[i].stack != stack_) continue;
        fail(Drop::recursion_too_deep,
             "table " + std::to_string(table) + " gets the same packet again: a loop");
        return false;
    }
    ancestors_.push_back(here);
    before_.emplace_back(key, stack_);
    return true;
}

}  // namespace weft::pipeline
