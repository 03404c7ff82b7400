// SPDX-License-Identifier: Apache-2.0
// TLS between two ends in one process, in virtual time; keys are made here, files are a map.
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <map>
#include <optional>

#include "net/memory_transport.h"
#include "net/tls.h"
#include "net/tls_keys.h"
#include "net/tls_protocols.h"
#include "obs/logging.h"

namespace weft::net {
namespace {

std::string text_of(const Openssl<BIO>& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<size_t>(size));
}

/// A key and its certificate. Resource type.
struct Identity {
    Openssl<EVP_PKEY> key{EVP_EC_gen("P-256")};
    Openssl<X509> certificate{X509_new()};
    std::string name;

    /// Signed by `ca`, or by itself; good until `days` from now.
    explicit Identity(std::string n, const Identity* ca = nullptr, int days = 10) : name(std::move(n)) {
        X509* x = certificate.get();
        X509_set_version(x, 2);
        static long serial = 1;
        ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
        X509_time_adj_ex(X509_getm_notBefore(x), -100, 0, nullptr);
        X509_time_adj_ex(X509_getm_notAfter(x), days, 0, nullptr);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(x, X509_get_subject_name(ca ? ca->certificate.get() : x));
        X509_set_pubkey(x, key.get());
        if (!ca) {
            X509_EXTENSION* is_ca =
                X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
            X509_add_ext(x, is_ca, -1);
            X509_EXTENSION_free(is_ca);
        }
        X509_sign(x, ca ? ca->key.get() : key.get(), EVP_sha256());
    }
    std::string key_pem() const {
        const Openssl<BIO> bio(BIO_new(BIO_s_mem()));
        PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        return text_of(bio);
    }
    std::string pem() const {
        const Openssl<BIO> bio(BIO_new(BIO_s_mem()));
        PEM_write_bio_X509(bio.get(), certificate.get());
        return text_of(bio);
    }
};

/// What one end of a connection has seen.
struct End {
    std::unique_ptr<Stream> stream;
    std::string got;
    bool connected = false;
    std::optional<Error> closed;

    void start(std::unique_ptr<Stream> s) {
        stream = std::move(s);
        stream->start({.connected = [this] { connected = true; },
                       .received = [this](std::string_view bytes) { got += bytes; },
                       .closed = [this](const Error& error) { closed = error; }});
    }
};

class Lines : public obs::LogSink {
  public:
    explicit Lines(std::string& out) : out_(out) {}
    void write(obs::Level, int, std::string_view line) override { (out_ += line) += "\n"; }

  private:
    std::string& out_;
};

/// A server and a client, each with keys of their own.
struct Tls : testing::Test {
    Tls() {
        logging.set_sink(obs::LogTo::file, std::make_unique<Lines>(log));
        files["ca"] = ca.pem();
        files["other_ca"] = other_ca.pem();
        put(Identity("server", &ca));
        put(Identity("client", &ca));
        server.configure(files_of("server"));
        client.configure(files_of("client"));
    }
    void put(const Identity& id) {
        files[id.name + ".key"] = id.key_pem();
        files[id.name + ".cert"] = id.pem();
    }
    static TlsFiles files_of(const std::string& name) {
        return {.private_key = name + ".key",
                .certificate = name + ".cert",
                .ca_cert = "ca",
                .peer_ca_cert = {},
                .protocols = {},
                .ciphers = {},
                .ciphersuites = {}};
    }
    TlsTransport::Options options() {
        return {.files = {.read = [this](const std::string& path) -> Result<std::string> {
                              if (!files.contains(path)) return fail(path + ": No such file", ENOENT);
                              return files[path];
                          },
                          .create = [this](const std::string& path, const std::string& text) -> Result<> {
                              if (!files.emplace(path, text).second) return fail(path + ": exists", EEXIST);
                              return {};
                          }},
                .log = logging.module("stream_ssl")};
    }
    void listen() {
        listener =
            *server.listen(name("pssl:6653"), [this](auto stream) { accepted.start(std::move(stream)); });
    }
    void connect() {
        if (!listener) listen();
        near.start(*client.connect(name("ssl:10.0.0.1:6653")));
        loop.run_until([&] { return near.closed.has_value(); }, 100ms);
    }
    bool told(std::string_view words) const { return log.find(words) != std::string::npos; }
    static ConnectionName name(std::string_view text) { return *ConnectionName::parse(text, openflow_port); }

    std::map<std::string, std::string> files;
    Identity ca{"authority"}, other_ca{"stranger"};
    loop::Clock clock{loop::Clock::Kind::simulated};
    loop::Loop loop{clock};
    std::string log;
    obs::Logging logging{{.program = "test",
                          .host = "test",
                          .pid = 1,
                          .clock = [this] { return clock.stamp(); },
                          .modules = {}}};
    MemoryTransport wire{loop, 1ms};
    TlsTransport server{loop, wire, options()}, client{loop, wire, options()};
    std::unique_ptr<Listener> listener;
    End near, accepted;
};

TEST_F(Tls, carries_bytes_both_ways_and_the_last_ones_before_the_end) {
    connect();
    ASSERT_TRUE(near.connected);
    const std::string much(3'000'000, 'x');
    near.stream->send(much);
    EXPECT_GT(near.stream->backlog(), 0u);
    accepted.stream->send("hello");
    ASSERT_TRUE(
        loop.run_until([&] { return accepted.got.size() == much.size() && near.got == "hello"; }, 10s));
    EXPECT_EQ(accepted.got, much);
    near.stream->send("bye");
    near.stream.reset();
    ASSERT_TRUE(loop.run_until([&] { return accepted.closed.has_value(); }, 1s));
    EXPECT_TRUE(accepted.got.ends_with("xbye"));
    EXPECT_EQ(accepted.closed->code, 0);
}

TEST_F(Tls, hides_what_is_said) {
    auto tap = *wire.listen(name("ptcp:7"), [&](auto stream) { accepted.start(std::move(stream)); });
    near.start(*client.connect(name("ssl:10.0.0.1:7")));
    near.stream->send("secret");
    loop.run_for(1s);
    EXPECT_FALSE(near.connected);
    EXPECT_NE(accepted.got, "");
    EXPECT_EQ(accepted.got.find("secret"), std::string::npos);
}

/// Whether a ClientHello asks for a host: its extension 0 with a list of one name.
bool asks_for(std::string_view hello, std::string_view host) {
    const auto number = [](size_t n) { return std::string{static_cast<char>(n >> 8), static_cast<char>(n)}; };
    const std::string entry = std::string(1, 0) + number(host.size()) + std::string(host);
    return hello.contains(number(0) + number(entry.size() + 2) + number(entry.size()) + entry);
}

TEST_F(Tls, a_server_is_told_by_which_name_it_was_called) {
    auto tap = *wire.listen(name("ptcp:7"), [&](auto stream) { accepted.start(std::move(stream)); });
    near.start(*client.connect(name("ssl:central.example:7")));
    loop.run_for(1s);
    EXPECT_TRUE(asks_for(accepted.got, "central.example"));
    for (const std::string host : {"10.0.0.1", "[2001:db8::1]"}) {
        near = {}, accepted = {};
        near.start(*client.connect(name("ssl:" + host + ":7")));
        loop.run_for(1s);
        ASSERT_GT(accepted.got.size(), 100u);
        EXPECT_EQ(accepted.got.find(host.front() == '[' ? "2001:" : host), std::string::npos)
            << "an address is no name (RFC 6066 3)";
    }
}

TEST_F(Tls, what_is_sent_before_the_handshake_ends_is_kept) {
    listen();
    near.start(*client.connect(name("ssl:10.0.0.1:6653")));
    near.stream->send("early");
    EXPECT_EQ(near.stream->backlog(), 5u);
    ASSERT_TRUE(loop.run_until([&] { return accepted.got == "early"; }, 1s));
    EXPECT_EQ(near.stream->backlog(), 0u);
}

TEST_F(Tls, a_held_stream_holds_its_sender_back) {
    connect();
    accepted.stream->hold(true);
    near.stream->send(std::string(100'000, 'x'));
    loop.run_for(1s);
    EXPECT_EQ(accepted.got, "");
    EXPECT_GT(near.stream->backlog(), 0u);
    accepted.stream->hold(false);
    EXPECT_TRUE(loop.run_until([&] { return accepted.got.size() == 100'000; }, 1s));
}

TEST_F(Tls, a_peer_of_another_authority_is_refused_by_either_side) {
    put(Identity("client", &other_ca));
    connect();
    EXPECT_FALSE(accepted.stream) << "who is refused is never a connection";
    EXPECT_TRUE(told("was not signed by the CA of ca")) << log;
    ASSERT_TRUE(near.closed);
    EXPECT_NE(near.closed->message.find("refuses the connection or our certificate"), std::string::npos)
        << near.closed->message;

    put(Identity("client", &ca));
    put(Identity("server", &other_ca));
    near = {}, accepted = {};
    connect();
    ASSERT_TRUE(near.closed);
    EXPECT_FALSE(near.connected);
    EXPECT_EQ(near.closed->code, EPROTO);
}

TEST_F(Tls, an_expired_certificate_is_refused) {
    put(Identity("server", &ca, -1));
    connect();
    ASSERT_TRUE(near.closed);
    EXPECT_NE(near.closed->message.find("expired"), std::string::npos) << near.closed->message;
}

TEST_F(Tls, keys_that_cannot_be_used_are_named_with_the_remedy) {
    const auto refusal = [&](TlsFiles tls) {
        client.configure(std::move(tls));
        const auto stream = client.connect(name("ssl:10.0.0.1:6653"));
        EXPECT_FALSE(stream);
        EXPECT_EQ(stream.error().code, ENOPROTOOPT);
        return stream ? "" : stream.error().message;
    };
    EXPECT_NE(refusal({}).find("no private key: give --private-key=FILE"), std::string::npos);
    auto tls = files_of("client");
    tls.private_key = "server.key";
    EXPECT_NE(refusal(tls).find("client.cert: not the certificate of the key in server.key"),
              std::string::npos);
    tls = files_of("client");
    tls.ca_cert = "nowhere";
    EXPECT_NE(refusal(tls).find("nowhere: No such file"), std::string::npos);
    tls = files_of("client");
    files["client.cert"] = "garbage";
    EXPECT_NE(refusal(tls).find("client.cert: no certificate in PEM format"), std::string::npos);
    tls.protocols = "TLSv1.1";
    EXPECT_NE(refusal(tls).find("name TLSv1.2, TLSv1.3 or both"), std::string::npos);
}

TEST_F(Tls, a_peer_that_stalls_in_the_handshake_slows_nobody_and_is_sent_off) {
    listen();
    End silent;
    silent.start(*wire.connect(name("tcp:10.0.0.1:6653")));
    loop.run_for(10ms);
    EXPECT_FALSE(accepted.stream);
    connect();
    EXPECT_TRUE(near.connected);
    EXPECT_FALSE(silent.closed);
    loop.run_for(TlsTransport::handshake_limit);
    EXPECT_TRUE(silent.closed);
    EXPECT_FALSE(near.closed);
    EXPECT_TRUE(told("no TLS handshake within 10 seconds"));
}

TEST_F(Tls, peers_that_stall_in_masses_make_room_for_others) {
    listen();
    std::vector<std::unique_ptr<End>> silent;
    for (int i = 0; i < 600; ++i) {
        silent.push_back(std::make_unique<End>());
        silent.back()->start(*wire.connect(name("tcp:10.0.0.1:6653")));
    }
    connect();
    EXPECT_TRUE(near.connected);
    EXPECT_TRUE(silent.front()->closed);
    EXPECT_FALSE(silent.back()->closed);
}

TEST_F(Tls, a_peer_without_tls_is_told_apart) {
    listen();
    near.start(*wire.connect(name("tcp:10.0.0.1:6653")));
    near.stream->send("{\"method\":\"list_dbs\",\"params\":[],\"id\":0}");
    loop.run_for(1s);
    EXPECT_TRUE(near.closed);
    EXPECT_TRUE(told("the peer does not speak TLS")) << log;
}

TEST_F(Tls, an_authority_is_learnt_from_the_first_peer_and_holds_for_the_next) {
    auto tls = files_of("client");
    tls.ca_cert = "learnt";
    tls.bootstrap = true;
    client.configure(tls);
    auto servers = files_of("server");
    put(Identity("server", &other_ca));
    connect();
    ASSERT_TRUE(near.closed) << "the server does not show its authority, and nothing was learnt";
    EXPECT_NE(near.closed->message.find("--peer-ca-cert"), std::string::npos) << near.closed->message;
    EXPECT_FALSE(files.contains("learnt"));

    servers.peer_ca_cert = "other_ca";
    server.configure(servers);
    near = {}, accepted = {};
    connect();
    EXPECT_TRUE(near.connected);
    EXPECT_EQ(files["learnt"], other_ca.pem());

    put(Identity("server", &ca));
    near = {}, accepted = {};
    connect();
    EXPECT_FALSE(near.connected);
    EXPECT_EQ(files["learnt"], other_ca.pem());
}

TEST_F(Tls, a_peer_that_shows_an_authority_that_did_not_sign_it_teaches_nothing) {
    auto tls = files_of("client");
    tls.ca_cert = "learnt";
    tls.bootstrap = true;
    client.configure(tls);
    auto servers = files_of("server");
    servers.peer_ca_cert = "other_ca";
    server.configure(servers);
    connect();
    EXPECT_FALSE(near.connected);
    EXPECT_FALSE(files.contains("learnt"));
}

TEST_F(Tls, changed_files_serve_the_next_connection_and_half_written_ones_do_not) {
    connect();
    ASSERT_TRUE(near.connected);
    files["ca"] = other_ca.pem();
    put(Identity("server", &other_ca));
    put(Identity("client", &other_ca));
    near = {}, accepted = {};
    connect();
    EXPECT_TRUE(near.connected);
    files["client.cert"].resize(100);
    near = {}, accepted = {};
    connect();
    EXPECT_TRUE(near.connected);
}

TEST_F(Tls, peers_need_a_version_in_common) {
    auto tls = files_of("client");
    tls.protocols = "TLSv1.2";
    client.configure(tls);
    connect();
    EXPECT_TRUE(near.connected);
    auto servers = files_of("server");
    servers.protocols = "TLSv1.3";
    server.configure(servers);
    near = {}, accepted = {};
    connect();
    EXPECT_FALSE(near.connected);
    EXPECT_TRUE(told("no version of TLS that --ssl-protocols allows")) << log;
}

TEST(TlsProtocols, are_lists_and_ranges) {
    const TlsProtocols both{true, true}, only_12{true, false}, only_13{false, true};
    EXPECT_EQ(*parse_tls_protocols(""), both);
    EXPECT_EQ(*parse_tls_protocols("TLSv1.2,TLSv1.3"), both);
    EXPECT_EQ(*parse_tls_protocols("TLSv1, TLSv1.1 TLSv1.2"), only_12);
    EXPECT_EQ(*parse_tls_protocols("TLSv1.3"), only_13);
    EXPECT_EQ(*parse_tls_protocols("TLSv1+"), both);
    EXPECT_EQ(*parse_tls_protocols("TLSv1.1-TLSv1.2"), only_12);
    for (const char* bad : {"SSLv3", "TLSv1.1", "TLSv1.3-TLSv1.2", "TLSv1.2-", "+", "TLSv1.4"})
        EXPECT_FALSE(parse_tls_protocols(bad)) << bad;
}

}  // namespace
}  // namespace weft::net
