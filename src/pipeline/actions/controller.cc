// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/controller.cc: the packet goes to the controllers, as it is by then, and may wait for
// them.
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::Controller& a, Translator& t) {
    const ToController what{.reason = static_cast<Reason>(a.reason),
                            .max_len = a.max_len,
                            .controller_id = a.controller_id,
                            .userdata = a.userdata,
                            .meter = a.meter_id};
    if (a.pause)
        t.pause(what);
    else
        t.to_controller(what);
}

}  // namespace weft::pipeline
