// SPDX-License-Identifier: Apache-2.0
// Roles, asynchronous configuration and bundles.
#include "openflow/print/printer.h"

namespace weft::openflow {
namespace {

std::string_view role_name(Role r) {
    switch (r) {
        case Role::no_change:
            return "nochange";
        case Role::equal:
            return "equal";
        case Role::primary:
            return "primary";
        case Role::secondary:
            return "secondary";
    }
    return "";
}

void add_role(Role role, std::optional<uint64_t> generation, Printer& p) {
    (p.out += " role=") += role_name(role);
    if (generation && *generation != ~uint64_t{0}) p.out += " generation_id=" + std::to_string(*generation);
}

constexpr BitName packet_in_names[] = {{1, "no_match"},   {2, "action"}, {4, "invalid_ttl"},
                                       {8, "action_set"}, {16, "group"}, {32, "packet_out"}};
constexpr BitName port_status_names[] = {{1, "add"}, {2, "delete"}, {4, "modify"}};
constexpr BitName flow_removed_names[] = {{1, "idle"},         {2, "hard"},          {4, "delete"},
                                          {8, "group_delete"}, {16, "meter_delete"}, {32, "eviction"}};
constexpr BitName role_status_names[] = {
    {1, "primary_request"}, {2, "configuration_changed"}, {4, "experimenter_data_changed"}};
constexpr BitName table_status_names[] = {{8, "vacancy_down"}, {16, "vacancy_up"}};
constexpr BitName request_forward_names[] = {{1, "group_mod_request"}, {2, "meter_mod_request"}};

struct Kind {
    std::string_view title;
    std::span<const BitName> reasons;
};
/// By AsyncKind.
constexpr Kind kinds[] = {
    {"       PACKET_IN:", packet_in_names},    {"     PORT_STATUS:", port_status_names},
    {"    FLOW_REMOVED:", flow_removed_names}, {"     ROLE_STATUS:", role_status_names},
    {"    TABLE_STATUS:", table_status_names}, {"  REQUESTFORWARD:", request_forward_names}};

void add_masks(std::string_view title, std::span<const uint32_t> masks, std::string& out) {
    (out += title) += ":\n";
    for (size_t i = 0; i < std::size(kinds); ++i) {
        (out += kinds[i].title) += " ";
        out += bit_names(masks[i], kinds[i].reasons, " ", "(off)") + "\n";
    }
}

void add_config(const AsyncConfig& c, std::string& out) {
    out += "\n";
    add_masks(" primary", c.primary, out);
    out += "\n";
    add_masks(" secondary", c.secondary, out);
}

std::string_view step_name(BundleStep s) {
    constexpr std::string_view names[] = {"OPEN_REQUEST",    "OPEN_REPLY",     "CLOSE_REQUEST",
                                          "CLOSE_REPLY",     "COMMIT_REQUEST", "COMMIT_REPLY",
                                          "DISCARD_REQUEST", "DISCARD_REPLY"};
    return names[static_cast<size_t>(s)];
}

constexpr BitName bundle_flag_names[] = {{1, "atomic"}, {2, "ordered"}};

}  // namespace

void print(const RoleRequest& m, Printer& p) {
    // Told as it was sent, also with a role that it does not matter for.
    ByteReader in(p.body);
    in.skip(8);
    const uint64_t generation = in.u64();
    const bool has = in.ok() && p.name == "OFPT_ROLE_REQUEST" && m.role != Role::no_change;
    add_role(m.role, has ? std::optional(generation) : m.generation_id, p);
}

void print(const RoleReply& m, Printer& p) { add_role(m.role, m.generation_id, p); }

void print(const RoleStatus& m, Printer& p) {
    constexpr std::string_view reasons[] = {"primary_request", "configuration_changed",
                                            "experimenter_data_changed"};
    add_role(m.role, m.generation_id, p);
    const auto n = static_cast<size_t>(m.reason);
    (p.out += " reason=") += n < std::size(reasons) ? reasons[n] : "(unknown)";
}

void print(const AsyncChange& m, Printer& p) {
    AsyncConfig c;
    for (const AsyncChange::Item& item : m.items) c.mask(item.kind, item.secondary) = item.mask;
    add_config(c, p.out);
}

void print(const GetAsyncReply& m, Printer& p) { add_config(m.config, p.out); }

void print(const BundleControl& m, Printer& p) {
    p.out += "\n bundle_id=" + short_hex(m.id) + " type=" + std::string(step_name(m.step)) +
             " flags=" + bit_names(m.flags, bundle_flag_names);
}

void print(const BundleAdd& m, Printer& p) {
    p.out += "\n bundle_id=" + short_hex(m.id) + " flags=" + bit_names(m.flags, bundle_flag_names) + "\n";
    p.out += print_message(m.message, p.options);
}

void print(const RequestForward& m, Printer& p) {
    const auto inner = decode(m.request, {.version = p.version});
    if (!inner) return;
    if (const auto* group = std::get_if<GroupMod>(&inner->body)) {
        p.out += " reason=group_mod";
        print(*group, p);
    } else if (const auto* meter = std::get_if<MeterMod>(&inner->body)) {
        p.out += " reason=meter_mod";
        print(*meter, p);
    }
}

}  // namespace weft::openflow
