"""A TensorFlow 1 script of the kind that is compared: two phases, noise, L2, one Adam; on made data, in a second."""

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

n_inputs = 8
n_hidden1 = 5
n_hidden2 = 3
learning_rate = 0.01
l2_reg = 0.001
noise_level = 0.1
n_epochs = 2
batch_size = 10

images = np.random.rand(120, n_inputs).astype(np.float32)
train_images, test_images = images[:100], images[100:]

X = tf.placeholder(tf.float32, shape=[None, n_inputs], name="X")
training = tf.placeholder_with_default(False, shape=(), name="training")

initializer = tf.contrib.layers.variance_scaling_initializer()
weights1 = tf.Variable(initializer([n_inputs, n_hidden1]), name="weights1")
weights2 = tf.Variable(initializer([n_hidden1, n_hidden2]), name="weights2")
weights3 = tf.transpose(weights2, name="weights3")
weights4 = tf.Variable(initializer([n_hidden1, n_inputs]), name="weights4")
biases1 = tf.Variable(tf.zeros(n_hidden1), name="biases1")
biases2 = tf.Variable(tf.zeros(n_hidden2), name="biases2")
biases3 = tf.Variable(tf.zeros(n_hidden1), name="biases3")
biases4 = tf.Variable(tf.zeros(n_inputs), name="biases4")

noise = tf.random_normal(tf.shape(X))
X_noisy = X + noise_level * noise
X_dropped = tf.layers.dropout(X_noisy, 0.2, training=training)
hidden1 = tf.nn.elu(tf.matmul(X_dropped, weights1) + biases1)
hidden2 = tf.nn.elu(tf.matmul(hidden1, weights2) + biases2)
hidden3 = tf.nn.elu(tf.matmul(hidden2, weights3) + biases3)
outputs = tf.matmul(hidden3, weights4) + biases4
bypass = tf.matmul(hidden1, weights4) + biases4

reg_loss = l2_reg * (tf.nn.l2_loss(weights1) + tf.nn.l2_loss(weights4))
loss1 = tf.reduce_mean(tf.square(bypass - X)) + reg_loss
loss2 = tf.reduce_mean(tf.square(hidden3 - hidden1))
test_loss = tf.reduce_mean(tf.square(outputs - X))

optimizer = tf.train.AdamOptimizer(learning_rate)
training_op1 = optimizer.minimize(loss1)
training_op2 = optimizer.minimize(loss2, var_list=[weights2, biases2, biases3])
saver = tf.train.Saver()

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for phase, training_op in enumerate([training_op1, training_op2]):
        for epoch in range(n_epochs):
            order = np.random.permutation(len(train_images))
            n_batches = len(train_images) // batch_size
            for iteration in range(n_batches):
                X_batch = train_images[order[iteration * batch_size : (iteration + 1) * batch_size]]
                sess.run(training_op, feed_dict={X: X_batch, training: True})
            print(phase, epoch, "MSE:", test_loss.eval({X: X_batch}))
        saver.save(sess, "./two_phases.ckpt")
    outputs_val = outputs.eval({X: test_images})
    print("Test MSE:", test_loss.eval({X: test_images}))

plt.imshow(outputs_val)
plt.show()
