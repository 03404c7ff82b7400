// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/delete_field.cc: takes an option of a tunnel away.
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::DeleteField& a, Translator& t) {
    t.tell(obs::TraceKind::detail, [&] { return "delete " + std::string(flow::field(a.field).name); });
    t.key().remove_option(a.field, a.place);
}

}  // namespace weft::pipeline
