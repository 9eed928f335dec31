FROM alpine:3
COPY where /where
CMD ["sh", "-c", "echo app; cat /where"]
