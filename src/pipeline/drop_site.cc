// SPDX-License-Identifier: Apache-2.0
// Why a packet goes nowhere, as translation finds out.
#include "pipeline/translator.h"

namespace weft::pipeline {

void Translator::note_lookup(const RulePtr& rule) {
    const Tables& tables = *bridge_->tables;
    const bool missed = !rule || rule == tables.no_packet_in_rule() || rule == tables.miss_rule();
    looked_up_ = missed ? Drop::no_match : rule->actions().empty() ? Drop::drop_rule : Drop::of_pipeline;
    if (!request_.trace) return;
    looked_up_at_ = {bridge_->id, view_.key_for_lookup().of_in_port(), table_, missed ? nullptr : rule};
}

/// The first reason stands, as long as nothing worse comes.
void Translator::note_site() {
    if (!request_.trace || !bridge_) return;
    out_.drop_site = {bridge_->id, view_.key_for_lookup().of_in_port(), table_, rule_};
}

void Translator::fail(Drop why, std::string text) {
    error_ = why;
    note_site();
    if (!text.empty()) tell(obs::TraceKind::error, [&] { return std::move(text); });
}

void Translator::refuse(Drop why, std::string text) {
    if (refused_ == Drop::none) {
        refused_ = why;
        note_site();
    }
    if (!text.empty()) tell(obs::TraceKind::warning, [&] { return std::move(text); });
}

}  // namespace weft::pipeline
