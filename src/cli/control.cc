// SPDX-License-Identifier: Apache-2.0
#include "cli/control.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "cli/ovsdb_rpc.h"

namespace weft::cli {
namespace {

std::string_view kind_of(const codec::Json& json) {
    return json.is_number()  ? "number"
           : json.is_array() ? "array"
           : json.is_null()  ? "null"
           : json.is_bool()  ? "boolean"
                             : "object";
}

}  // namespace

Result<std::string> control_socket_of(Daemon& daemon, const std::string& target) {
    if (target.starts_with('/')) return target;
    const std::string base = daemon.paths().rundir + "/" + target, pidfile = base + ".pid";
    const int pid = sys::pidfile_owner(pidfile);
    if (pid > 0) return base + "." + std::to_string(pid) + ".ctl";
    errno = 0;
    std::ifstream file(pidfile);
    const int code = file ? ESRCH : errno;
    if (!file) LOG(daemon.log("daemon_unix"), warn, "{}: open: {}", pidfile, std::strerror(code));
    return fail("cannot read pidfile \"" + pidfile + "\" (" + std::strerror(code) + ")", code);
}

Result<ControlReply> ask_daemon(Daemon& daemon, const std::string& socket, const std::string& command,
                                std::span<const std::string> args) {
    const auto log = daemon.log("unixctl");
    auto rpc = OvsdbRpc::connect(daemon.loop(), daemon.transport(), "unix:" + socket,
                                 {.log = daemon.log("jsonrpc")});
    if (!rpc) {
        LOG(log, warn, "failed to connect to {}", socket);
        const std::string reason = rpc.error().code ? std::strerror(rpc.error().code) : rpc.error().message;
        return fail("cannot connect to \"" + socket + "\" (" + reason + ")", rpc.error().code);
    }
    const auto reply = (*rpc)->call(command, codec::JsonArray(args.begin(), args.end()));
    if (!reply) {
        LOG(log, warn, "error communicating with unix:{}: {}", socket, reply.error().message);
        return fail(socket + ": transaction error (" + reply.error().message + ")", reply.error().code);
    }
    const auto* text = reply->result.string();
    if (!text) {
        LOG(log, warn, "unix:{}: unexpected result type in JSON rpc reply: {}", socket,
            kind_of(reply->result));
        return fail(socket + ": transaction error (" + std::strerror(EINVAL) + ")", EINVAL);
    }
    return ControlReply{reply->kind == jsonrpc::Message::Kind::error, *text};
}

std::string styled(const std::string& reply, codec::JsonStyle style) {
    if (!style.pretty) return reply;
    const auto json = codec::parse_json(reply);
    return json ? codec::format_json(*json, style) + "\n" : reply;
}

}  // namespace weft::cli
