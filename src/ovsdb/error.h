// SPDX-License-Identifier: Apache-2.0
// RFC 7047's <error>, as its operations and methods return it.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/result.h"
#include "codec/json.h"

namespace weft::ovsdb {

/// Value type. `error` is one of the RFC's short names or of Open vSwitch's additions (ovsdb-server(7) 3.1).
struct OpError {
    std::string error;
    std::string details;
    std::optional<std::string> syntax = {};    ///< JSON text of the value that could not be understood
    std::optional<std::string> io_error = {};  ///< what the operating system says

    bool operator==(const OpError&) const = default;
    codec::Json to_json() const;
    /// "syntax error: expected integer" with the syntax in between, as Open vSwitch's programs print it.
    std::string to_string() const;
    /// At the folder's edge: an error of the program.
    Error to_error() const { return {to_string()}; }
};

template <class T = void>
using OpResult = std::expected<T, OpError>;

std::unexpected<OpError> op_error(std::string error, std::string details);
/// "syntax error" about `json`.
std::unexpected<OpError> syntax_error(const codec::Json& json, std::string details);
/// As syntax_error(), with another short name.
std::unexpected<OpError> syntax_error(const codec::Json& json, std::string error, std::string details);
/// What storage says, its reason apart if it ends with it.
OpError io_error(const Error& error);
std::unexpected<OpError> constraint_violation(std::string details);

}  // namespace weft::ovsdb
