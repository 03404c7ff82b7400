// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/error.h"

#include "codec/json_text.h"

namespace weft::ovsdb {

codec::Json OpError::to_json() const {
    codec::JsonObject out;
    if (!details.empty()) out.set("details", details);
    out.set("error", error);
    if (syntax) out.set("syntax", *syntax);
    return out;
}

std::string OpError::to_string() const {
    std::string out;
    if (syntax) out += "syntax \"" + *syntax + "\": ";
    out += error;
    if (!details.empty()) out += ": " + details;
    return out;
}

std::unexpected<OpError> op_error(std::string error, std::string details) {
    return std::unexpected(OpError{std::move(error), std::move(details), std::nullopt});
}

std::unexpected<OpError> syntax_error(const codec::Json& json, std::string details) {
    return syntax_error(json, "syntax error", std::move(details));
}

std::unexpected<OpError> syntax_error(const codec::Json& json, std::string error, std::string details) {
    return std::unexpected(OpError{std::move(error), std::move(details), codec::format_json(json)});
}

std::unexpected<OpError> constraint_violation(std::string details) {
    return op_error("constraint violation", std::move(details));
}

}  // namespace weft::ovsdb
