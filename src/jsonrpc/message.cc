// SPDX-License-Identifier: Apache-2.0
#include "jsonrpc/message.h"

#include <utility>

#include "codec/json_text.h"

namespace weft::jsonrpc {

Message Message::request(std::string method, JsonArray params, Json id) {
    return {.kind = Kind::request,
            .method = std::move(method),
            .params = std::move(params),
            .id = std::move(id),
            .result = {}};
}
Message Message::notification(std::string method, JsonArray params) {
    return {.kind = Kind::notification,
            .method = std::move(method),
            .params = std::move(params),
            .id = {},
            .result = {}};
}
Message Message::reply(Json result, Json id) {
    return {
        .kind = Kind::reply, .method = {}, .params = {}, .id = std::move(id), .result = std::move(result)};
}
Message Message::error(Json error, Json id) {
    return {.kind = Kind::error, .method = {}, .params = {}, .id = std::move(id), .result = std::move(error)};
}

namespace {

/// The members of a message, null where absent.
struct Members {
    Json method, params, id, result, error;
    bool has_result = false;
};

Result<Members> members_of(Json&& json) {
    auto* object = json.object();
    if (!object) return fail("message is not a JSON object");
    Members m;
    for (auto& [key, value] : std::move(*object).take_members()) {
        if (key == "method")
            m.method = std::move(value);
        else if (key == "params")
            m.params = std::move(value);
        else if (key == "id")
            m.id = std::move(value);
        else if (key == "error")
            m.error = std::move(value);
        else if (key == "result")
            m.result = std::move(value), m.has_result = true;
        else
            return fail("message has unexpected member \"" + key + "\"");
    }
    return m;
}

Result<Message> call_of(Members&& m) {
    auto* method = m.method.string();
    if (!method) return fail("message's \"method\" is not a string");
    if (m.params.is_null()) m.params = JsonArray{};  // as ovsdb-server(7) has it for get_server_id
    auto* params = m.params.array();
    if (!params) return fail("message's \"params\" is not an array");
    if (!m.result.is_null() || !m.error.is_null()) return fail("message has both \"method\" and a result");
    if (m.id.is_null()) return Message::notification(std::move(*method), std::move(*params));
    return Message::request(std::move(*method), std::move(*params), std::move(m.id));
}

}  // namespace

Result<Message> Message::from_json(Json json) {
    Members m = TRY(members_of(std::move(json)));
    if (!m.method.is_null()) return call_of(std::move(m));
    if (!m.params.is_null()) return fail("message has \"params\" but no \"method\"");
    if (m.id.is_null()) return fail("reply has no \"id\"");
    if (!m.error.is_null()) {
        if (!m.result.is_null()) return fail("reply has both \"result\" and \"error\"");
        return error(std::move(m.error), std::move(m.id));
    }
    if (!m.has_result) return fail("message has no \"method\", \"result\" or \"error\"");
    return reply(std::move(m.result), std::move(m.id));
}

Json Message::to_json() const {
    switch (kind) {
        case Kind::request:
            return Json::object({{"id", id}, {"method", method}, {"params", params}});
        case Kind::notification:
            return Json::object({{"id", nullptr}, {"method", method}, {"params", params}});
        case Kind::reply:
            return Json::object({{"error", nullptr}, {"id", id}, {"result", result}});
        case Kind::error:
            return Json::object({{"error", result}, {"id", id}, {"result", nullptr}});
    }
    std::unreachable();
}

std::string Message::describe() const {
    const auto call = [&](std::string_view what) {
        return std::string(what) + ", method=\"" + method + "\", params=" + codec::format_json(params);
    };
    const auto with_id = [&](std::string text) { return text + ", id=" + codec::format_json(id); };
    switch (kind) {
        case Kind::request:
            return with_id(call("request"));
        case Kind::notification:
            return call("notification");
        case Kind::reply:
            return with_id("reply, result=" + codec::format_json(result));
        case Kind::error:
            return with_id("reply, error=" + codec::format_json(result));
    }
    std::unreachable();
}

}  // namespace weft::jsonrpc
