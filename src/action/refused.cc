// SPDX-License-Identifier: Apache-2.0
// Actions Weft knows of but does not do yet. Each gets the error that says so in OpenFlow's words; when one
// is done, its row moves to a file of its own.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

template <OfError error>
OfResult<Action> refused(Body&) {
    return refuse(error);
}

constexpr auto no_conntrack = refused<OfError::nxbac_ct_datapath_support>;
constexpr auto not_done = refused<OfError::bac_bad_vendor_type>;

constexpr WireForm nicira(uint16_t subtype, uint16_t length, bool grows, OfResult<Action> (*decode)(Body&)) {
    return {nicira_vendor, subtype, v10, v15, length, grows, decode};
}

constexpr std::array rows{
    nicira(10, 32, false, not_done),      // multipath
    nicira(12, 32, true, not_done),       // bundle
    nicira(13, 32, true, not_done),       // bundle_load
    nicira(29, 24, false, not_done),      // sample
    nicira(35, 24, true, no_conntrack),   // ct
    nicira(36, 16, true, no_conntrack),   // nat
    nicira(38, 32, false, not_done),      // sample with port
    nicira(41, 32, false, not_done),      // sample with direction
    nicira(43, 16, false, no_conntrack),  // ct_clear
    nicira(46, 16, true, not_done),       // encap
    nicira(47, 16, false, not_done),      // decap
    nicira(48, 16, false, not_done),      // dec_nsh_ttl
    nicira(49, 24, false, not_done),      // check_pkt_larger
    nicira(50, 24, false, not_done),      // delete_field
};

}  // namespace

forms::Rows forms::refused() { return rows; }

// Text.

namespace {

Result<> parse_refused(const TextArgs& a, Actions&) {
    return fail(std::string(a.name) + ": this action is not supported yet (doc/compatibility.md)");
}

constexpr TextForm refused_name(std::string_view name) { return {name, parse_refused}; }

constexpr std::array names_of_refused{
    refused_name("multipath"),
    refused_name("bundle"),
    refused_name("bundle_load"),
    refused_name("sample"),
    refused_name("ct"),
    refused_name("ct_clear"),
    refused_name("encap"),
    refused_name("decap"),
    refused_name("dec_nsh_ttl"),
    refused_name("delete_field"),
    refused_name("check_pkt_larger"),
};

}  // namespace

texts::Rows texts::refused() { return names_of_refused; }

}  // namespace weft::action
