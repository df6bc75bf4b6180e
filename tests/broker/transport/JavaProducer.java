import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes the values on its standard input, one a line in hexadecimal, once under each codec. */
public class JavaProducer {
    /** Arguments: the broker's address, then codec=topic, once for each. */
    public static void main(String[] arguments) throws Exception {
        List<byte[]> values = new ArrayList<>();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = input.readLine()) != null; ) {
            values.add(HexFormat.of().parseHex(line));
        }
        for (int i = 1; i < arguments.length; i++) {
            String[] codecAndTopic = arguments[i].split("=");
            Properties settings = new Properties();
            settings.put("bootstrap.servers", arguments[0]);
            settings.put("compression.type", codecAndTopic[0]);
            settings.put("linger.ms", "50");
            settings.put("key.serializer", ByteArraySerializer.class.getName());
            settings.put("value.serializer", ByteArraySerializer.class.getName());
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings)) {
                for (byte[] value : values) {
                    producer.send(new ProducerRecord<>(codecAndTopic[1], 0, "k".getBytes(), value));
                }
            }
        }
    }
}
