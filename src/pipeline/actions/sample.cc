// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/sample.cc: a sample goes to the collectors of its set. Sets come with the exporters; what
// has none samples nothing, as in Open vSwitch.
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::Sample&, Translator&) {}

}  // namespace weft::pipeline
