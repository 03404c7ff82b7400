// SPDX-License-Identifier: Apache-2.0
#include "cli/log_options.h"

#include <cstdlib>

#include "net/connection_name.h"
#include "obs/log_sinks.h"
#include "sys/unix_log_sink.h"

namespace weft::cli {
namespace {

/// "IP:PORT" or "[IPV6]:PORT".
Result<std::unique_ptr<obs::LogSink>> udp_sink(std::string_view address) {
    const auto name = net::ConnectionName::parse("tcp:" + std::string(address), 0);
    if (!name || name->port == 0) return fail(std::string(address) + ": port must be specified");
    return obs::udp_syslog_sink(name->host, name->port);
}

Result<> set_syslog_method(obs::Logging& logging, const std::string& method, const std::string& program) {
    constexpr std::string_view unix_prefix = "unix:", udp_prefix = "udp:";
    std::unique_ptr<obs::LogSink> sink;
    std::string shown = "<%B>";
    if (method == "null") {
        shown.clear();
    } else if (method == "libc") {
        sink = obs::libc_syslog_sink(program);
        shown = "<%B> %D{%h %e %T} %E %A:";
    } else if (method.starts_with(unix_prefix)) {
        sink = sys::unix_log_sink(method.substr(unix_prefix.size()));
    } else if (method.starts_with(udp_prefix)) {
        sink = TRY(udp_sink(std::string_view(method).substr(udp_prefix.size())));
    } else {
        return fail("unsupported syslog method '" + method + "'");
    }
    logging.set_syslog_prefix(std::move(shown));
    logging.set_sink(obs::LogTo::syslog, std::move(sink));
    return {};
}

}  // namespace

void add_log_options(Options& options, LogOptions& out, obs::Logging& logging) {
    options.add({"verbose", 'v', Options::Argument::optional, [&logging](Options::Value spec) -> Result<> {
                     if (auto done = logging.set(spec.value_or("any")); !done)
                         return fail("processing \"" + *spec + "\": " + done.error().message);
                     return {};
                 }});
    options.optional_text("log-file", out.to_file, out.file);
    options.text("syslog-method", out.syslog_method);
    options.text("syslog-target", out.syslog_target);
}

Result<> start_logging(const LogOptions& options, obs::Logging& logging, const Paths& paths,
                       const std::string& program) {
    logging.set_sink(obs::LogTo::console, obs::console_sink());
    std::string method = options.syslog_method;
    if (const char* preset = std::getenv("OVS_SYSLOG_METHOD"); method.empty() && preset) method = preset;
    TRY(set_syslog_method(logging, method.empty() ? "libc" : method, program));
    if (!options.syslog_target.empty()) {
        auto sink = udp_sink(options.syslog_target);
        if (sink)
            logging.set_syslog_target(std::move(*sink));
        else
            LOG(logging.module("socket_util"), err, "{}", sink.error().message);
    }
    if (options.to_file) TRY(logging.open_file(options.file.value_or(paths.logdir + "/" + program + ".log")));
    return {};
}

std::string log_usage(const Paths& paths, const std::string& program) {
    return "\nLogging options:\n"
           "  -vSPEC, --verbose=SPEC   set logging levels\n"
           "  -v, --verbose            set maximum verbosity level\n"
           "  --log-file[=FILE]        enable logging to specified FILE\n"
           "                           (default: " +
           paths.logdir + "/" + program +
           ".log)\n"
           "  --syslog-method=(libc|unix:file|udp:ip:port)\n"
           "                           specify how to send messages to syslog daemon\n"
           "  --syslog-target=HOST:PORT  also send syslog msgs to HOST:PORT via UDP\n";
}

}  // namespace weft::cli
