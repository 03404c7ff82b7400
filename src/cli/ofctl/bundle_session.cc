// SPDX-License-Identifier: Apache-2.0
// Changes that take effect all together or not at all.
#include <cerrno>
#include <cstdio>

#include "cli/ofctl/progress.h"
#include "cli/ofctl/tool.h"

namespace weft::cli::ofctl {
namespace {

using openflow::BundleStep;

constexpr uint32_t bundle_id = 0;
constexpr uint16_t atomic_and_ordered = 3;

/// `Error OFPFMFC_... for: OFPT_FLOW_MOD ...` of each error that came.
void tell(const Tool& t, const openflow::ErrorReport& error) {
    const std::string name = error.error ? std::string(openflow::error_name(*error.error))
                                         : "of type " + std::to_string(error.numbers.type) + ", code " +
                                               std::to_string(error.numbers.code);
    // Of a message in a bundle, itself.
    constexpr size_t in_bundle_add = openflow::header_size + 8;
    ByteSpan bytes(error.data);
    if (openflow::message_name(bytes).ends_with("BUNDLE_ADD_MESSAGE") && bytes.size() > in_bundle_add)
        bytes = bytes.subspan(bytes[1] == 4 ? in_bundle_add + 8 : in_bundle_add);
    const std::string request = openflow::print_message(bytes, t.print_options(1));
    std::fprintf(stderr, "Error %s for: %s", name.c_str(), request.c_str());
}

}  // namespace

Result<> Tool::change_at_once(Client& client, std::span<const openflow::Body> changes) {
    size_t errors = 0;
    const auto step = [&](BundleStep what) -> Result<> {
        const uint32_t xid =
            client.send(openflow::BundleControl{.id = bundle_id, .step = what, .flags = atomic_and_ordered});
        for (;;) {
            const auto message = TRY(client.receive());
            if (!message) continue;
            const auto decoded = openflow::decode(*message, client.dialect());
            if (decoded && std::holds_alternative<openflow::ErrorReport>(decoded->body)) {
                tell(*this, std::get<openflow::ErrorReport>(decoded->body));
                ++errors;
            }
            if (openflow::read_header(*message).xid == xid) break;
        }
        return {};
    };
    const Error failed{"talking to " + client.name() + " (Protocol error)", EPROTO};
    TRY(step(BundleStep::open));
    if (errors) return std::unexpected(failed);
    Progress progress(changes.size());
    for (const openflow::Body& one : changes) {
        const uint32_t xid = client.next_xid();
        client.send_bytes(openflow::encode(
            {.xid = xid,
             .body = openflow::BundleAdd{.id = bundle_id,
                                         .flags = atomic_and_ordered,
                                         .message =
                                             openflow::encode({.xid = xid, .body = one}, client.dialect())}},
            client.dialect()));
        TRY(client.flush());
        progress.step();
    }
    TRY(step(BundleStep::commit));
    if (errors) return std::unexpected(failed);
    return {};
}

}  // namespace weft::cli::ofctl
