// SPDX-License-Identifier: Apache-2.0
#include "ctl/dpctl.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace weft::ctl {

std::unexpected<Error> fail_errno(const std::string& what, int code) {
    return fail(fmt::format("ovs-vswitchd: {} ({})", what, std::strerror(code)), code);
}

std::vector<NamedDatapath> datapaths(const Context& c) {
    std::vector<NamedDatapath> out;
    for (auto& [type, backer] : c.sw.backers())
        out.push_back({backer->name(), &backer->datapath(), backer.get()});
    for (const auto& d : c.spare.all()) out.push_back({fmt::format("{}@{}", d->type(), d->name()), d.get()});
    std::ranges::sort(out, {}, &NamedDatapath::name);
    return out;
}

Result<NamedDatapath> find_datapath(const Context& c, std::string_view name) {
    const auto all = datapaths(c);
    for (const auto& d : all)
        if (d.name == name || d.datapath->name() == name) return d;
    const size_t at = name.find('@');
    const bool typed = at != std::string_view::npos;
    const bool known = !typed || c.sw.served_as(name.substr(0, at));
    return fail("no such datapath", known ? ENODEV : EAFNOSUPPORT);
}

Result<NamedDatapath> take_datapath(const Context& c, obs::CommandArgs& args, size_t others) {
    if (args.size() > others) {
        auto found = find_datapath(c, args[0]);
        if (!found) return fail_errno("datapath not found", EINVAL);
        args = args.subspan(1);
        return found;
    }
    const auto all = datapaths(c);
    if (all.size() == 1) return all.front();
    return fail(std::string("ovs-vswitchd: ") +
                (all.empty() ? "no datapaths exist" : "multiple datapaths, specify one") +
                "\novs-vswitchd: datapath not found (Invalid argument)");
}

Result<DpctlFlags> take_flags(obs::CommandArgs& args) {
    DpctlFlags out;
    for (; !args.empty() && args[0].starts_with("-") && args[0] != "-"; args = args.subspan(1)) {
        const std::string& a = args[0];
        if (a == "-m" || a == "--more")
            out.more = true;
        else if (a == "--names")
            out.names = true;
        else if (a == "--no-names")
            out.names = false;
        else if (a == "-s" || a == "--statistics")
            out.statistics = true;
        else if (a == "--may-create")
            out.may_create = true;
        else if (a == "--clear")
            out.clear = true;
        else
            return fail("Unrecognized option " + a);
    }
    return out;
}

}  // namespace weft::ctl
