// SPDX-License-Identifier: Apache-2.0
// Commands that need no switch: lines of standard input that are pieces of messages, in hex or as fields of
// NXM and OXM.
#include <iostream>

#include "action/match_error.h"
#include "action/text.h"
#include "action/wire.h"
#include "cli/ofctl/tool.h"
#include "flow/match_text.h"
#include "flow/ofp_match.h"
#include "openflow/error.h"

namespace weft::cli::ofctl {
namespace {

using openflow::Version;

Result<Version> version_named(const std::string& text, std::string_view complaint) {
    const auto version = openflow::parse_version(text);
    if (!version) return fail(text + ": not a valid " + std::string(complaint));
    return *version;
}

/// Calls `show` for each line's bytes; what follows # is no part of it, and an empty line asks nothing.
Result<> for_each_hex(const std::function<Result<>(ByteSpan)>& show) {
    std::string line;
    while (std::getline(std::cin, line)) {
        const std::string hex = line.substr(0, line.find('#'));
        if (hex.find_first_not_of(" \t\r") == hex.npos) continue;
        const auto bytes = parse_hex(hex);
        if (!bytes) return fail("Trailing garbage in hex data");
        TRY(show(*bytes));
    }
    return {};
}

Result<> show_actions(Tool& t, const std::string& version_text, std::string_view what,
                      openflow::OfResult<action::Actions> (*decode)(ByteSpan, Version)) {
    const Version version = TRY(version_named(version_text, "OpenFlow version"));
    return for_each_hex([&](ByteSpan bytes) -> Result<> {
        const auto actions = decode(bytes, version);
        const std::string text = actions ? "actions=" + action::to_text(*actions)
                                         : "bad " + std::string(openflow::version_name(version)) + " " +
                                               std::string(what) + ": " +
                                               std::string(openflow::error_name(actions.error()));
        t.print(text + "\n\n");
        return {};
    });
}

Result<> expect_size(ByteSpan bytes, size_t size) {
    if (bytes.size() == size) return {};
    return fail("Input is " + std::to_string(bytes.size()) + " bytes, expected " + std::to_string(size));
}

/// Where what we would send differs from what came.
std::string differences(ByteSpan came, ByteSpan sent) {
    std::string out;
    for (size_t i = 0; i < came.size() && i < sent.size(); ++i) {
        if (came[i] == sent[i]) continue;
        const std::string at = std::to_string(i);
        out += std::string(at.size() < 2 ? 2 - at.size() : 0, ' ') + at + ": " + format_hex({&came[i], 1}) +
               " -> " + format_hex({&sent[i], 1}) + "\n";
    }
    return out;
}

// ---- NXM and OXM as text: NXM_OF_ETH_TYPE(0800), NXM_OF_IP_SRC_W(0a000000/ff000000)

std::string field_text(const flow::OxmField& f, Version version) {
    const flow::Field& field = flow::field(f.id);
    const flow::WireId* wire = flow::wire_for(field, action::wire(version));
    CHECK(wire);
    const auto digits = [&](const flow::FieldValue& v) {
        const std::string all = format_hex(v.b);
        return all.substr(all.size() - 2 * std::min<size_t>(field.n_bytes, v.b.size()));
    };
    std::string out(wire->name);
    if (f.has_mask) out += "_W";
    return out + "(" + digits(f.value) + (f.has_mask ? "/" + digits(f.mask) : "") + ")";
}

Result<flow::FieldValue> value_of(std::string_view hex, const flow::Field& field) {
    const auto bytes = parse_hex(hex);
    if (!bytes || bytes->size() != std::min<size_t>(field.n_bytes, 16))
        return fail("\"" + std::string(hex) + "\" is not the value of " + std::string(field.name) +
                    ": it has " + std::to_string(field.n_bytes) + " bytes in hex");
    flow::FieldValue v;
    std::ranges::copy(*bytes, v.b.end() - static_cast<ptrdiff_t>(bytes->size()));
    return v;
}

/// One field, taken off the text.
Result<flow::OxmField> take_field(std::string_view& text) {
    const size_t open = text.find('('), close = text.find(')');
    if (open == text.npos) return fail(std::string(text) + ": missing ( at end of nx_match");
    if (close == text.npos || close < open) return fail(std::string(text) + ": missing ) at end of nx_match");
    std::string_view name = text.substr(0, open), value = text.substr(open + 1, close - open - 1);
    text.remove_prefix(close + 1);
    flow::OxmField out;
    out.has_mask = name.ends_with("_W");
    if (out.has_mask) name.remove_suffix(2);
    const flow::Field* field = flow::find_field_or_wire_name(name);
    if (!field) return fail(std::string(name) + ": unknown field");
    TRY(flow::check_header(*field));
    out.id = field->id;
    const size_t slash = value.find('/');
    if (out.has_mask != (slash != value.npos))
        return fail(std::string(name) + ": a name with _W and a mask behind / go together");
    out.value = TRY(value_of(value.substr(0, slash), *field));
    out.mask = out.has_mask ? TRY(value_of(value.substr(slash + 1), *field)) : flow::legal_bits(field->id);
    return out;
}

/// The fields of a line, written, and read as a message's would be.
Result<flow::MatchResult<flow::Match>> parse_fields(std::string_view text, Version version) {
    constexpr std::string_view blanks = " ,\t\r";
    ByteWriter out;
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
        if (text.empty() || text == "<any>") break;
        flow::encode_field(TRY(take_field(text)), action::wire(version), out);
    }
    return flow::decode_oxm(out.take());
}

Result<> show_fields(Tool& t, Version version) {
    std::string line;
    while (std::getline(std::cin, line)) {
        if (line.empty() || line[0] == '#') {
            t.print(line + "\n");
            continue;
        }
        const auto match = TRY(parse_fields(line, version));
        std::string text;
        if (!match) {
            text = "nx_pull_match() returned error " +
                   std::string(openflow::error_name(action::of_error(match.error())));
        } else {
            for (const flow::OxmField& f : flow::oxm_fields(*match, action::wire(version)))
                text += (text.empty() ? "" : ", ") + field_text(f, version);
            if (text.empty()) text = "<any>";
        }
        t.print(text + "\n");
    }
    return {};
}

}  // namespace

Result<> parse_nxm(Tool& t, Args) { return show_fields(t, Version::v10); }

Result<> parse_oxm(Tool& t, Args args) {
    const Version version = TRY(version_named(args[0], "version for OXM"));
    if (version < Version::v12) return fail(args[0] + ": not a valid version for OXM");
    return show_fields(t, version);
}

Result<> parse_actions(Tool& t, Args args) {
    return show_actions(t, args[0], "actions", action::decode_actions);
}

Result<> parse_instructions(Tool& t, Args args) {
    return show_actions(t, args[0], "instructions", action::decode_instructions);
}

Result<> parse_match10(Tool& t, Args) {
    return for_each_hex([&](ByteSpan bytes) -> Result<> {
        TRY(expect_size(bytes, flow::match10_size));
        ByteReader in(bytes);
        const flow::Match match = flow::decode_match10(in);
        ByteWriter again;
        flow::encode_match10(match, again);
        t.print(flow::format_match(match) + "\n" + differences(bytes, again.take()) + "\n");
        return {};
    });
}

Result<> parse_match11(Tool& t, Args) {
    return for_each_hex([&](ByteSpan bytes) -> Result<> {
        TRY(expect_size(bytes, flow::match11_size));
        ByteReader in(bytes);
        const auto match = flow::decode_ofp_match(in);
        if (!match) {
            t.print("bad ofp11_match: " + std::string(openflow::error_name(action::of_error(match.error()))) +
                    "\n\n");
            return {};
        }
        ByteWriter again;
        flow::encode_ofp_match(*match, action::wire(Version::v11), again);
        t.print(flow::format_match(*match) + "\n" + differences(bytes, again.take()) + "\n");
        return {};
    });
}

}  // namespace weft::cli::ofctl
