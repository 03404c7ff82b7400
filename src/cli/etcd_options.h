// SPDX-License-Identifier: Apache-2.0
// The options that say how to speak to etcd.
#pragma once

#include <memory>
#include <string>

#include "cli/options.h"
#include "loop/loop.h"
#include "store/etcd_client.h"
#include "store/etcd_format.h"

namespace weft::cli {

struct EtcdOptions {
    std::string ca_cert, certificate, private_key;  ///< file names
    std::string user, password_file;
    std::chrono::seconds lease{5};
};

void add_etcd_options(Options& options, EtcdOptions& out);
/// Lines for --help.
std::string etcd_usage();
/// A client whose answers come on the loop, which must outlive it. Loads the plugin.
Result<std::unique_ptr<store::etcd::Client>> etcd_client(const EtcdOptions& options,
                                                         const store::etcd::Address& address,
                                                         loop::Loop& loop);

}  // namespace weft::cli
