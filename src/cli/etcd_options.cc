// SPDX-License-Identifier: Apache-2.0
#include "cli/etcd_options.h"

#include <cstring>

#include "store/disk.h"
#include "store/etcd_plugin.h"

namespace weft::cli {
namespace {

constexpr int64_t min_lease = 2, max_lease = 600;  ///< seconds; etcd grants no less by default

Result<std::string> contents(const std::string& path) {
    if (path.empty()) return std::string();
    auto out = store::Disk().read(path);
    if (!out) return fail(path + ": cannot be read (" + std::strerror(out.error().code) + ")");
    return out;
}

}  // namespace

void add_etcd_options(Options& options, EtcdOptions& out) {
    options.text("etcd-ca-cert", out.ca_cert);
    options.text("etcd-certificate", out.certificate);
    options.text("etcd-private-key", out.private_key);
    options.text("etcd-user", out.user);
    options.text("etcd-password-file", out.password_file);
    options.add({"etcd-lease", 0, Options::Argument::required, [&out](Options::Value text) -> Result<> {
                     out.lease =
                         std::chrono::seconds(TRY(parse_number("etcd-lease", *text, min_lease, max_lease)));
                     return {};
                 }});
}

std::string etcd_usage() {
    return "  --etcd-ca-cert=FILE     CA certificate of etcd's members (turns TLS on)\n"
           "  --etcd-certificate=FILE, --etcd-private-key=FILE\n"
           "                          certificate and key to show to etcd\n"
           "  --etcd-user=NAME        user of etcd\n"
           "  --etcd-password-file=FILE\n"
           "                          file with the user's password in its first line\n"
           "  --etcd-lease=SECONDS    how long locks outlive their server (default: 5)\n";
}

Result<std::unique_ptr<store::etcd::Client>> etcd_client(const EtcdOptions& options,
                                                         const store::etcd::Address& address,
                                                         loop::Loop& loop) {
    if (options.certificate.empty() != options.private_key.empty())
        return fail("--etcd-certificate and --etcd-private-key go together");
    store::etcd::ClientOptions out;
    out.endpoints = address.endpoints;
    out.ca_cert = TRY(contents(options.ca_cert));
    out.certificate = TRY(contents(options.certificate));
    out.private_key = TRY(contents(options.private_key));
    out.user = options.user;
    out.password = TRY(contents(options.password_file));
    out.password.resize(std::min(out.password.find('\n'), out.password.size()));
    out.call_timeout = std::max<Duration>(1s, Duration(options.lease) / 3);
    out.post = [&loop](std::move_only_function<void()> call) { loop.post(std::move(call)); };
    return store::etcd::load_client(std::move(out));
}

}  // namespace weft::cli
