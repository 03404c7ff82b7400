// SPDX-License-Identifier: Apache-2.0
// Any text of a group, meter or packet-out is refused or understood; what is understood is printed so that it
// reads back as the same. Input: a byte for the kind and command, then the text.
#include "openflow/group_text.h"
#include "openflow/meter_text.h"
#include "openflow/packet_out_text.h"

using namespace weft;
using namespace weft::openflow;

namespace {

void group(uint8_t kind, std::string_view text) {
    constexpr GroupCommand commands[] = {GroupCommand::add, GroupCommand::modify, GroupCommand::remove,
                                         GroupCommand::insert_bucket, GroupCommand::remove_bucket};
    const GroupCommand command = commands[kind % std::size(commands)];
    const auto mod = parse_group_mod(text, command);
    if (!mod || command != GroupCommand::add) return;
    const std::string printed = format_group(mod->id, mod->spec, {.bucket_ids = true});
    const auto back = parse_group_mod(printed, command);
    CHECK(back.has_value());
    CHECK(format_group(back->id, back->spec, {.bucket_ids = true}) == printed);
}

void meter(uint8_t kind, std::string_view text) {
    constexpr MeterCommand commands[] = {MeterCommand::add, MeterCommand::modify, MeterCommand::remove};
    const MeterCommand command = commands[kind % std::size(commands)];
    const auto mod = parse_meter_mod(text, command);
    if (!mod) return;
    const std::string printed = command == MeterCommand::remove ? "meter=" + format_meter_id(mod->id)
                                                                : format_meter(mod->id, mod->spec);
    const auto back = parse_meter_mod(printed, command);
    CHECK(back.has_value());
    CHECK(*back == *mod);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    const std::string_view text = as_chars(ByteSpan(data, size).subspan(1));
    const uint8_t kind = data[0];
    if (kind % 4 == 0)
        meter(kind / 4, text);
    else if (kind % 4 == 1)
        (void)parse_packet_out(text);
    else
        group(kind / 4, text);
    return 0;
}
