// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/output.cc: output to a port, to the port in a field, and of the beginning of a packet.
#include "pipeline/translator.h"

namespace weft::pipeline {

void apply(const action::Output& a, Translator& t) { t.output(a.port, a.max_len); }

void apply(const action::OutputReg& a, Translator& t) {
    const bool blind = t.planted(Plant::output_reg_forgets);
    const uint64_t port =
        (blind ? flow::get_bits(t.key().key_for_lookup(), a.src) : t.read_field(a.src)).to_u64();
    if (t.stopped()) return;  // what tells the port is not in sight yet
    if (port > 0xffff) {
        t.tell(obs::TraceKind::warning,
               [&] { return "output port " + std::to_string(port) + " is out of range"; });
        return;
    }
    t.tell(obs::TraceKind::detail, [&] { return "output port is " + std::to_string(port); });
    t.output(OfPort{static_cast<uint16_t>(port)}, a.max_len);
}

void apply(const action::OutputTrunc& a, Translator& t) {
    const OfPort in_port = t.key().key_for_lookup().of_in_port();
    if (a.port == in_port) return t.warn("skipping output to input port");
    t.send(a.port == ofpp::in_port ? in_port : a.port, a.max_len);
}

}  // namespace weft::pipeline
