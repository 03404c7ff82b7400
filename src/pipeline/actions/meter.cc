// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/meter.cc: the datapath drops packets beyond the meter's rate.
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::Meter& a, Translator& t) {
    t.did_read(ReadBridge{t.bridge().id});
    const auto meter = t.bridge().dp_meter(a.meter);
    if (meter) t.add(action::dp::Meter{*meter});
}

}  // namespace weft::pipeline
