// SPDX-License-Identifier: Apache-2.0
// What a select group by "hash", multipath and bundle go by. Internal to pipeline.
#pragma once

#include <cstdint>

#include "pipeline/translator.h"

namespace weft::pipeline {

/// Of the fields that the group names, or of addresses and ports of both directions alike. Un-wildcards them.
uint64_t select_hash(const action::GroupSelection& selection, Translator& t);
/// Of what multipath and bundle may name. Un-wildcards it.
uint64_t choice_hash(action::HashFields fields, uint16_t basis, Translator& t);
/// A bucket's claim on packets of this hash: the highest wins, so that others keep theirs when one goes.
uint64_t bucket_score(uint64_t hash, const action::Bucket& bucket);

}  // namespace weft::pipeline
