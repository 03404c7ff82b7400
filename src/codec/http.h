// SPDX-License-Identifier: Apache-2.0
// HTTP/1.x (RFC 9112) as a server needs it that only tells: the head of a request, and answers after which
// the connection is closed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weft::codec {

/// The head of one request, as its bytes come. Resource type; one per connection.
class HttpRequest {
  public:
    enum class State : uint8_t { incomplete, complete, malformed };

    /// A head of more bytes than `head_max` is malformed.
    explicit HttpRequest(uint32_t head_max);
    ~HttpRequest();

    /// Takes what came next; what follows the head is left alone. Once not incomplete it stays as it is.
    State add(std::string_view bytes);
    /// Of a complete one, "GET" and "/metrics?x=1"; they live as long as this.
    std::string_view method() const;
    std::string_view target() const;

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
    std::string waiting_;  ///< bytes that are no whole line yet
    State state_ = State::incomplete;
};

struct HttpAnswer {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8", allow{}, body{};
};

/// `head_only`: without the body, as HEAD wants it; its length is told all the same.
std::string format_http(const HttpAnswer& answer, bool head_only);

}  // namespace weft::codec
