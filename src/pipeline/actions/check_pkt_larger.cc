// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/check_pkt_larger.cc: a megaflow's packets differ in length, so the datapath finds out, and
// what the rest of the list does is translated for both answers.
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::CheckPktLarger& a, Translator& t) {
    if (t.inner_known()) t.branch_on_length(a);
}

}  // namespace weft::pipeline
