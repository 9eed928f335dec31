FROM alpine:3
COPY where /where
CMD ["sh", "-c", "echo from outside; cat /where"]
