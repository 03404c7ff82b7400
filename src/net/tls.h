// SPDX-License-Identifier: Apache-2.0
// TLS (1.2 and 1.3) over the streams of any other transport: ssl: and pssl: connections.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "loop/loop.h"
#include "net/stream.h"
#include "obs/log.h"

namespace weft::net {

/// Where keys and certificates are, and what is spoken; value type. PEM files, read again for each
/// connection, so that new ones take effect at once.
struct TlsFiles {
    std::string private_key, certificate;
    std::string ca_cert;       ///< who may sign a peer's certificate; "none": peers are not checked
    bool bootstrap = false;    ///< where ca_cert is no file yet, it is made of what the first peer shows
    std::string peer_ca_cert;  ///< shown to peers with our certificate, so that they can learn it
    std::string protocols;     ///< "TLSv1.2,TLSv1.3"; empty: these
    std::string ciphers;       ///< of TLS 1.2, as openssl-ciphers(1) has it; empty: "HIGH:!aNULL:!MD5"
    std::string ciphersuites;  ///< of TLS 1.3; empty: OpenSSL's
    bool operator==(const TlsFiles&) const = default;
};

class TlsKeys;

/// Passes ssl: and pssl: on to `below` as TCP, with TLS on the streams it gets; other names as they are. Both
/// sides show certificates, and neither talks to one that it cannot trust; names of hosts are not compared,
/// as in Open vSwitch. A handshake is part of the stream's start and has a time limit, so that a peer that
/// stalls holds up nobody. Resource type; belongs to the loop's thread; its streams may outlive it.
class TlsTransport : public Transport {
  public:
    /// How files are reached: those of the system by default.
    struct Files {
        std::function<Result<std::string>(const std::string& path)> read;
        /// Fails with EEXIST where there is one.
        std::function<Result<>(const std::string& path, const std::string& text)> create;
        static Files of_system();
    };
    struct Options {
        Files files = Files::of_system();
        obs::LogModule log = {};  ///< of any name; logs as stream_ssl
    };
    static constexpr Duration handshake_limit = 10s;

    TlsTransport(loop::Loop& loop, Transport& below, Options options);
    ~TlsTransport() override;

    /// For connections from now on. Those that cannot be used are an error of each connect() and listen().
    void configure(TlsFiles files);

    /// ssl: and pssl: without keys fail with ENOPROTOOPT; the log tells the remedy.
    Result<std::unique_ptr<Stream>> connect(const ConnectionName& to) override;
    Result<std::unique_ptr<Listener>> listen(const ConnectionName& at, Accept accept) override;

  private:
    loop::Loop& loop_;
    Transport& below_;
    std::shared_ptr<TlsKeys> keys_;
};

}  // namespace weft::net
