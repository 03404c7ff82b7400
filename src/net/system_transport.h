// SPDX-License-Identifier: Apache-2.0
// Streams over the system's sockets.
#pragma once

#include <memory>
#include <string>

#include "loop/loop.h"
#include "net/stream.h"
#include "obs/log.h"

namespace weft::net {

/// Resource type; belongs to the loop's thread, and so do its streams; they may outlive it. ssl: and pssl:
/// are refused with ENOPROTOOPT, as by an Open vSwitch without keys.
class SystemTransport : public Transport {
  public:
    struct Options {
        std::string rundir;       ///< relative paths of Unix sockets start here
        obs::LogModule log = {};  ///< of any name; the transport logs as socket_util, stream_tcp, stream_unix
    };
    SystemTransport(loop::Loop& loop, Options options);

    Result<std::unique_ptr<Stream>> connect(const ConnectionName& to) override;
    Result<std::unique_ptr<Listener>> listen(const ConnectionName& at, Accept accept) override;

  private:
    std::string absolute(const std::string& path) const;
    Result<std::unique_ptr<Listener>> listen_tcp(const ConnectionName& at, Accept accept);
    Result<std::unique_ptr<Listener>> listen_unix(const ConnectionName& at, Accept accept);

    loop::Loop& loop_;
    Options options_;
    std::shared_ptr<unsigned> unix_peers_ = std::make_shared<unsigned>(0);  ///< numbers "unix#N"
};

}  // namespace weft::net
