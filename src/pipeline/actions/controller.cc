// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/controller.cc: the packet goes to the controllers, as it is by then.
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::Controller& a, Translator& t) {
    if (a.pause)
        return t.fail(Drop::needs_recirculation,
                      "pausing for the controller needs continuations, which do not exist yet");
    t.to_controller({.reason = static_cast<Reason>(a.reason),
                     .max_len = a.max_len,
                     .controller_id = a.controller_id,
                     .userdata = a.userdata});
}

}  // namespace weft::pipeline
