// SPDX-License-Identifier: Apache-2.0
#include "cli/vsctl/commands.h"
#include "cli/vsctl/model.h"

namespace weft::cli::vsctl {
namespace {

using dbctl::Context;
using dbctl::Invocation;
using dbctl::Needs;

constexpr std::string_view group = "SSL commands";

Result<> need_ssl(const Invocation&, Needs& needs) {
    needs.column("Open_vSwitch", "ssl");
    needs.columns("SSL", {"private_key", "certificate", "ca_cert", "bootstrap_ca_cert"});
    return {};
}

Result<> get_ssl(Context& context) {
    const auto ssl = Model(context.db).root().ref("ssl");
    if (!ssl) return {};
    context.out.line("Private key: " + std::string(ssl.str("private_key")));
    context.out.line("Certificate: " + std::string(ssl.str("certificate")));
    context.out.line("CA Certificate: " + std::string(ssl.str("ca_cert")));
    context.out.line(std::string("Bootstrap: ") +
                     (ssl.boolean("bootstrap_ca_cert", false) ? "true" : "false"));
    return {};
}

Result<> del_ssl(Context& context) {
    const auto root = Model(context.db).root();
    if (const auto ssl = root.ref("ssl")) context.db.erase(ssl);
    context.db.set(root, "ssl", ovsdb::Datum());
    return {};
}

Result<> set_ssl(Context& context) {
    TRY(del_ssl(context));
    auto& db = context.db;
    const auto ssl = db.insert(*db.schema().find("SSL"));
    db.set_value(ssl, "private_key", context.arg(0));
    db.set_value(ssl, "certificate", context.arg(1));
    db.set_value(ssl, "ca_cert", context.arg(2));
    db.set_value(ssl, "bootstrap_ca_cert", ovsdb::Datum(ovsdb::Atom(context.call.has("--bootstrap"))));
    db.set_value(Model(db).root(), "ssl", ssl.uuid());
    return {};
}

constexpr dbctl::Command commands[] = {
    {group, "get-ssl", "", "", "print the SSL configuration", false, need_ssl, get_ssl},
    {group, "del-ssl", "", "", "delete the SSL configuration", true, need_ssl, del_ssl},
    {group, "set-ssl", "!PRIVATE-KEY !CERTIFICATE !CA-CERT", "--bootstrap", "set the SSL configuration", true,
     need_ssl, set_ssl},
};

}  // namespace

std::span<const dbctl::Command> ssl_commands() { return commands; }

}  // namespace weft::cli::vsctl
