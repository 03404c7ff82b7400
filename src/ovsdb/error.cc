// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/error.h"

#include <cstring>

#include "codec/json_text.h"

namespace weft::ovsdb {

codec::Json OpError::to_json() const {
    codec::JsonObject out;
    if (!details.empty()) out.set("details", details);
    out.set("error", error);
    if (syntax) out.set("syntax", *syntax);
    if (io_error) out.set("io-error", *io_error);
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

OpError io_error(const Error& error) {
    OpError out{"I/O error", error.message};
    if (error.code == 0) return out;
    out.io_error = std::strerror(error.code);
    if (const std::string reason = ": " + *out.io_error; out.details.ends_with(reason))
        out.details.resize(out.details.size() - reason.size());
    return out;
}

std::unexpected<OpError> constraint_violation(std::string details) {
    return op_error("constraint violation", std::move(details));
}

}  // namespace weft::ovsdb
