import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;

/** Listens where other containers reach it. The library's own program listens on localhost alone. */
public class Server {
    public static void main(String[] args) {
        new MongoServer(new MemoryBackend()).bind("0.0.0.0", 27017);
    }
}
