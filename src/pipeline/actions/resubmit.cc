// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/resubmit.cc: another lookup, here or in another table.
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::Resubmit& a, Translator& t) {
    const OfPort in_port = a.in_port == ofpp::in_port ? t.key().key_for_lookup().of_in_port() : a.in_port;
    t.resubmit(in_port, a.table == all_tables ? t.table() : a.table);
}

void apply(const action::GotoTable& a, Translator& t) { t.goto_table(a.table); }

}  // namespace weft::pipeline
