// SPDX-License-Identifier: Apache-2.0
// Which ports, and buckets of a group, can be used now. Internal to pipeline.
#pragma once

#include "pipeline/translator.h"

namespace weft::pipeline {

/// There is such a port, it is up, and its carrier is there.
bool is_alive(OfPort port, Translator& t);
/// A bucket that watches nothing is alive; else one of what it watches has to be. Records what it looked at.
bool is_alive(const action::Bucket& bucket, Translator& t);

}  // namespace weft::pipeline
